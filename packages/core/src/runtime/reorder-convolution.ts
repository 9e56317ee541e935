/**
 * Reorders a convolution's numbers from `[out, in, height, width]`, as PyTorch's files have them.
 * @param shape What they become, `[height, width, in, out]`.
 */
export function reorderConvolution(numbers: Float32Array, shape: readonly number[]): Float32Array {
  const [height, width, inChannels, outChannels] = shape as [number, number, number, number];
  const window = height * width;
  const result = new Float32Array(numbers.length);
  // Writes run along memory; the reads of one row stay within `window` passes over the same cache lines.
  for (let inner = 0; inner < inChannels; inner += 1) {
    for (let place = 0; place < window; place += 1) {
      const start = (place * inChannels + inner) * outChannels;
      let source = inner * window + place;
      for (let out = 0; out < outChannels; out += 1) {
        result[start + out] = numbers[source]!;
        source += inChannels * window;
      }
    }
  }
  return result;
}
