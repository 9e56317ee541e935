import type { DiffusionModel } from '../contracts/diffusion-model.js';
import type { SamplerTable } from '../contracts/sampler.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import type { TrainedPart } from '../contracts/trained-parts.js';
import { type Tensor3D, tf } from '../runtime/tf.js';

/** What sampling weights begin from. */
export interface SamplingStart {
  readonly model: Pick<DiffusionModel, 'encode'>;
  /** A guidance weight is made for each of its steps. */
  readonly table: Pick<SamplerTable, 'steps'>;
  /** What each guidance weight begins at. */
  readonly guidance: number;
  /** What the unconditional text states begin as. @default '' */
  readonly negativePrompt?: string;
}

/** The timesteps of a chain, falling, each once. */
export const knotsOf = ({ steps }: Pick<SamplerTable, 'steps'>): readonly number[] =>
  [...new Set(steps.map(({ timestep }) => Math.fround(timestep)))].sort((a, b) => b - a);

/**
 * Makes the wanted sampling weights as they are before training, owned by the caller: pictures come out as without them.
 * @param wanted The parts that are to be made; `lora` is none of them.
 */
export const createSamplingWeights = async (
  { model, table, guidance, negativePrompt = '' }: SamplingStart,
  wanted: readonly TrainedPart[],
): Promise<SamplingWeights> => {
  const knots = knotsOf(table);
  const negative = wanted.includes('negative')
    ? ((await model.encode([negativePrompt])).context as Tensor3D)
    : undefined;
  return {
    ...(wanted.includes('guidance')
      ? { guidance: { timesteps: tf.tensor1d([...knots]), weights: tf.fill([knots.length], guidance) } }
      : {}),
    ...(negative ? { negative } : {}),
  };
};
