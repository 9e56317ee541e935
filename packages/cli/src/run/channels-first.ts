import { type Tensor4D, tf } from '@draft/core';

/** Named numbers as they are stored. */
export interface StoredNumbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor `[n, h, w, c]` as numbers `[n, c, h, w]`, as PyTorch has them; it stays the caller's. */
export const channelsFirst = (tensor: Tensor4D): StoredNumbers =>
  tf.tidy(() => {
    const turned = tf.transpose(tensor, [0, 3, 1, 2]);
    return { shape: turned.shape, data: turned.dataSync() as Float32Array };
  });

/** Parts of a batch one after the other, along their first axis. */
export const stackNumbers = (parts: readonly StoredNumbers[]): StoredNumbers => {
  const [, ...rest] = parts[0]?.shape ?? [];
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...rest], data };
};
