import type { SamplerStep } from '../contracts/sampler.js';
import { type Scalar, type Tensor, type Tensor1D, tf } from '../runtime/tf.js';

const names = ['timestep', 'inputScale', 'a', 'b', 'h', 'c', 'p', 'q'] as const;

/** The coefficients of one step as scalars inside a compiled function. */
export type StepScalars = Readonly<Record<(typeof names)[number], Scalar>>;

/** One step's coefficients as a vector, so that one recorded graph serves every step. Owned by the caller. */
export const packCoefficients = (step: SamplerStep): Tensor1D => tf.tensor1d(names.map((name) => step[name]));

/** Takes the vector apart again. */
export const unpackCoefficients = (vector: Tensor): StepScalars =>
  Object.fromEntries(
    names.map((name, i) => [name, tf.reshape(tf.slice(vector as Tensor1D, i, 1), []) as Scalar]),
  ) as unknown as StepScalars;
