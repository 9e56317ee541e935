import type { RandomSource } from '../contracts/random-source.js';
import { type Tensor4D, tf } from '../runtime/tf.js';

/** Draws noise sample by sample, so that it depends neither on the micro-batch nor on what was drawn before. */
export const drawNoise = (
  random: RandomSource,
  samples: readonly number[],
  shape: readonly [number, number, number],
  ...key: readonly (string | number)[]
): Tensor4D => {
  const size = shape[0] * shape[1] * shape[2];
  const values = new Float32Array(samples.length * size);
  samples.forEach((sample, i) => {
    values.set(random.child('sample', sample, ...key).normal(size), i * size);
  });
  return tf.tensor4d(values, [samples.length, ...shape]);
};

/** Draws one prompt for each sample. */
export const drawPrompts = (
  random: RandomSource,
  samples: readonly number[],
  prompts: readonly string[],
): string[] =>
  samples.map((sample) => prompts[random.child('prompt', sample).integer(0, prompts.length - 1)] as string);
