import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { type Tensor, type Tensor3D, tf } from '../runtime/tf.js';

/** A guidance curve as numbers; see `GuidanceCurve`. */
export interface GuidanceNumbers {
  /** Strictly falling. */
  readonly timesteps: readonly number[];
  readonly weights: readonly number[];
}

/** What guides sampling as numbers, for files and to be mixed. */
export interface SamplingNumbers {
  readonly guidance?: GuidanceNumbers;
  readonly negative?: {
    /** `[1, tokens, width]`. */
    readonly shape: readonly number[];
    readonly data: Float32Array;
  };
}

/** The guidance weight at a timestep: linear between two knots, constant beyond the first and the last. */
export const guidanceNumberAt = ({ timesteps, weights }: GuidanceNumbers, timestep: number): number => {
  const after = timesteps.findIndex((knot) => knot <= timestep);
  if (after === -1) return weights.at(-1)!;
  if (after === 0 || timesteps[after] === timestep) return weights[after]!;
  const way = (timestep - timesteps[after]!) / (timesteps[after - 1]! - timesteps[after]!);
  return weights[after]! + way * (weights[after - 1]! - weights[after]!);
};

/** Copies what guides sampling out of the runtime; the tensors stay the caller's. */
export const samplingNumbers = ({ guidance, negative }: SamplingWeights): SamplingNumbers => ({
  ...(guidance
    ? {
        guidance: {
          timesteps: Array.from(guidance.timesteps.dataSync()),
          weights: Array.from(guidance.weights.dataSync()),
        },
      }
    : {}),
  ...(negative
    ? { negative: { shape: [...negative.shape], data: Float32Array.from(negative.dataSync()) } }
    : {}),
});

/** Makes tensors of what guides sampling, owned by the caller. */
export const samplingTensors = ({ guidance, negative }: SamplingNumbers): SamplingWeights => {
  const states: Tensor | undefined = negative && tf.tensor(negative.data, [...negative.shape]);
  return {
    ...(guidance
      ? {
          guidance: {
            timesteps: tf.tensor1d([...guidance.timesteps]),
            weights: tf.tensor1d([...guidance.weights]),
          },
        }
      : {}),
    ...(states ? { negative: states as Tensor3D } : {}),
  };
};
