import { initialNoise, type Tensor4D, tf } from '@draft/core';

/**
 * The initial noise of several pictures as diffusers draws it for a list of prompts and one generator: all at
 * once, so that the first picture is that of the seed alone.
 * @param shape `[height, width, channels]` of one latent.
 * @returns `[count, height, width, channels]`, owned by the caller.
 */
export const drawLatents = (
  seed: number,
  count: number,
  [height, width, channels]: readonly [number, number, number],
): Tensor4D => {
  const noise = initialNoise(seed, [count, channels, height, width]);
  return tf.tensor4d(noise.data, [...noise.shape]);
};
