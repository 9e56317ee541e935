import { channelsLast, DraftError, readSafetensors, type Tensor4D, tf } from '@draft/core';

/**
 * Reads initial noise, `latents` `[n, channels, height, width]`, as a tensor `[n, height, width, channels]` that
 * the caller owns.
 * @param expected Height, width and channels that the model needs.
 * @param count Pictures that are to be made.
 * @throws DraftError naming the file where it holds something else.
 */
export const readLatents = (
  path: string,
  [height, width, channels]: readonly [number, number, number],
  count: number,
): Tensor4D => {
  const refuse = (reason: string): DraftError =>
    new DraftError('DRAFT_LATENTS_INVALID', `${path} cannot be used as initial noise: ${reason}.`);
  const stored = readSafetensors(path).tensors.get('latents');
  if (stored === undefined) throw refuse('it holds no tensor "latents"');
  const wanted = [count, channels, height, width];
  if (`${stored.shape}` !== `${wanted}`) {
    throw refuse(`its "latents" are [${stored.shape.join(', ')}], but [${wanted.join(', ')}] are needed`);
  }
  if (!/^B?F\d/.test(stored.dtype)) throw refuse(`its "latents" are ${stored.dtype}, not floating-point`);
  if (!stored.data.every(Number.isFinite)) throw refuse('not all of its "latents" are finite numbers');
  return tf.tensor4d(channelsLast(stored.data, stored.shape), [count, height, width, channels]);
};
