import type { TensorRecord } from '../contracts/runtime.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { type Tensor, type Tensor1D, type Tensor3D, tf } from '../runtime/tf.js';

/** What compiled functions, gradients and checkpoints call what guides sampling. */
export const samplingNames = {
  guidance: 'sampling.guidance',
  negative: 'sampling.negative',
  /** Where the knots are; never trained. */
  timesteps: 'sampling.timesteps',
} as const;

/** What guides sampling as named tensors, the form in which a compiled function takes it; empty where nothing does. */
export const samplingRecord = ({ guidance, negative }: SamplingWeights = {}): Record<string, Tensor> => ({
  ...(guidance
    ? { [samplingNames.guidance]: guidance.weights, [samplingNames.timesteps]: guidance.timesteps }
    : {}),
  ...(negative ? { [samplingNames.negative]: negative } : {}),
});

/** What guides sampling out of such a record; undefined where nothing does. */
export const samplingFrom = (record: TensorRecord): SamplingWeights | undefined => {
  const weights = record[samplingNames.guidance] as Tensor1D | undefined;
  const timesteps = record[samplingNames.timesteps] as Tensor1D | undefined;
  const negative = record[samplingNames.negative] as Tensor3D | undefined;
  if (!weights && !negative) return undefined;
  return {
    ...(weights && timesteps ? { guidance: { weights, timesteps } } : {}),
    ...(negative ? { negative } : {}),
  };
};

/** Frees what guides sampling. */
export const disposeSampling = (sampling: SamplingWeights | undefined): void => {
  tf.dispose(samplingRecord(sampling));
};
