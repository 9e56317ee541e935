import { join } from 'node:path';
import { openSafetensors, readSafetensors, type Tensor4D, tf } from '@draft/core';

const four = (shape: readonly number[]) => shape as [number, number, number, number];

/** The tensors of a fixture as plain numbers, in the layout of the file. */
export const readFixture = (name: string) => {
  const path = join(import.meta.dirname, 'fixtures', `${name}.safetensors`);
  const { tensors } = readSafetensors(path);
  const get = (key: string) => {
    const stored = tensors.get(key);
    if (!stored) throw new Error(`${path} has no ${key}`);
    return stored;
  };
  return {
    keys: [...tensors.keys()],
    numbers: (key: string): Float32Array => get(key).data,
    /** An NCHW tensor of the file as NHWC. */
    images: (key: string): Tensor4D =>
      tf.tidy(() => tf.transpose(tf.tensor4d(get(key).data, four(get(key).shape)), [0, 2, 3, 1])),
  };
};

/** Whole numbers of a fixture, `[n, height, width, 3]` in `0..255`, as they are and as images in `[0, 1]`. */
export const readPixels = (name: string) => {
  const file = openSafetensors(join(import.meta.dirname, 'fixtures', `${name}.safetensors`));
  const numbers = (key: string) => Float32Array.from(new Int32Array(file.read(key).buffer));
  return {
    numbers,
    images: (key: string): Tensor4D =>
      tf.tidy(() => tf.div(tf.tensor4d(numbers(key), four(file.entries.get(key)!.shape)), 255)),
    close: () => file.close(),
  };
};
