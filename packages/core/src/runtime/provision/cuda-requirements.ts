/**
 * The packages of NVIDIA's libraries that a TensorFlow wheel names under its extra `and-cuda`, in pip's notation:
 * `nvidia-cublas-cu12<13.0,>=12.5.3.2`.
 * @param metadata The wheel's METADATA file. (Core metadata specification, `Requires-Dist`.)
 */
export const cudaRequirements = (metadata: string): string[] =>
  metadata.split(/\r?\n/).flatMap((line) => {
    const [, requirement, marker] = /^Requires-Dist:\s*([^;]+);(.*)$/.exec(line) ?? [];
    if (!requirement || !/extra\s*==\s*["']and-cuda["']/.test(marker ?? '')) return [];
    return [requirement.replace(/[()\s]/g, '')];
  });
