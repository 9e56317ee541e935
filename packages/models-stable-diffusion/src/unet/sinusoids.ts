import { type Tensor, type Tensor2D, tf } from '@draft/core';

/** How a number becomes sines and cosines. */
export interface WaveOptions {
  /** Sines and cosines together, even. */
  readonly inputWidth: number;
  /** `s` in `frequency_k = 10000^(−k / (inputWidth/2 − s))`. */
  readonly freqShift: number;
  /** Whether the cosines come first. */
  readonly flipSinToCos: boolean;
}

/**
 * The frequencies, `10000^(−k / (half − shift))`, rounded after each operation as float32 arithmetic rounds them: a
 * timestep of 999 multiplies any difference.
 */
function frequencies(half: number, shift: number): Float32Array {
  const logarithm = Math.fround(-Math.log(10000));
  return Float32Array.from({ length: half }, (_, k) =>
    Math.exp(Math.fround(Math.fround(logarithm * k) / (half - shift))),
  );
}

/** Makes the embedding of numbers by sines and cosines, `[n] -> [n, inputWidth]`, a scalar to one row. */
export function sinusoids({
  inputWidth,
  freqShift,
  flipSinToCos,
}: WaveOptions): (numbers: Tensor) => Tensor2D {
  const half = inputWidth / 2;
  const values = frequencies(half, freqShift);
  return (numbers) => {
    const angle = tf.mul(tf.reshape(numbers, [numbers.size, 1]), tf.tensor2d(values, [1, half]));
    const [sine, cosine] = [tf.sin(angle), tf.cos(angle)] as [Tensor2D, Tensor2D];
    return tf.concat(flipSinToCos ? [cosine, sine] : [sine, cosine], 1); // [n, inputWidth]
  };
}
