import { openSync, readFileSync, readSync, statSync } from 'node:fs';
import { type Tensor4D, tf } from '@draft/core';

const side = 64;
const pixels = side * side * 3;

/** A file of raw 64 × 64 RGB pictures. */
export interface Pictures {
  readonly count: number;
  /** Pictures by number, `[n, 64, 64, 3]` in `[-1, 1]`. */
  read(numbers: readonly number[]): Tensor4D;
}

/** Opens a `.u8` file of the cache. */
export const openPictures = (path: string): Pictures => {
  const file = openSync(path, 'r');
  const count = statSync(path).size / pixels;
  const buffer = new Uint8Array(pixels);
  return {
    count,
    read(numbers) {
      const values = new Float32Array(numbers.length * pixels);
      numbers.forEach((number, i) => {
        readSync(file, buffer, 0, pixels, number * pixels);
        for (let j = 0; j < pixels; j++) values[i * pixels + j] = (buffer[j] as number) / 127.5 - 1;
      });
      return tf.tensor4d(values, [numbers.length, side, side, 3]);
    },
  };
};

/** The captions of `scenes.jsonl`, in order. */
export const readCaptions = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { caption: string }).caption);
