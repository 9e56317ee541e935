import { openSafetensors, tf, type Weights } from '@draft/core';

/** The weights of a float32 safetensors file whose layouts need no conversion. */
export function fileWeights(path: string): Weights {
  const file = openSafetensors(path);
  return {
    has: (name) => file.entries.has(name),
    get: (name, shape) => tf.tensor(new Float32Array(file.read(name).buffer), [...shape]),
  };
}
