import { silu, type Tensor, type Tensor2D, tf, type Weights } from '@draft/core';
import { createDense } from '../blocks/dense.js';

/** How a timestep becomes a vector. */
export interface TimestepEmbeddingOptions {
  /** Sines and cosines together, even. */
  readonly inputWidth: number;
  /** Width of the embedding. */
  readonly width: number;
  /** `s` in `frequency_k = 10000^(−k / (inputWidth/2 − s))`. */
  readonly freqShift: number;
  /** Whether the cosines come first. */
  readonly flipSinToCos: boolean;
}

/**
 * The frequencies of the timestep embedding, `10000^(−k / (half − shift))`, rounded after each operation as
 * float32 arithmetic rounds them: a timestep of 999 multiplies any difference.
 */
function timestepFrequencies(half: number, shift: number): Float32Array {
  const logarithm = Math.fround(-Math.log(10000));
  return Float32Array.from({ length: half }, (_, k) =>
    Math.exp(Math.fround(Math.fround(logarithm * k) / (half - shift))),
  );
}

/**
 * The timestep embedding, followed by the SiLU that every residual block applies to it first:
 * scalar `-> [1, width]`, or `[n] -> [n, width]` where each sample has a timestep of its own.
 */
export function createTimestepEmbedding(
  weights: Weights,
  name: string,
  { inputWidth, width, freqShift, flipSinToCos }: TimestepEmbeddingOptions,
): (timestep: Tensor) => Tensor2D {
  const frequencies = timestepFrequencies(inputWidth / 2, freqShift);
  const linear1 = createDense(weights, `${name}.linear_1`, { inFeatures: inputWidth, outFeatures: width });
  const linear2 = createDense(weights, `${name}.linear_2`, { inFeatures: width, outFeatures: width });
  return (timestep) => {
    const angle = tf.mul(
      tf.reshape(timestep, [timestep.size, 1]),
      tf.tensor2d(frequencies, [1, inputWidth / 2]),
    );
    const [sine, cosine] = [tf.sin(angle), tf.cos(angle)] as [Tensor2D, Tensor2D];
    const wave = tf.concat(flipSinToCos ? [cosine, sine] : [sine, cosine], 1); // [1 or n, inputWidth]
    return silu(linear2(silu(linear1(wave))));
  };
}
