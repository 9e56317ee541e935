import type { DiffusionModel } from '../contracts/diffusion-model.js';
import type { SamplerTable } from '../contracts/sampler.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import type { TrainedPart } from '../contracts/trained-parts.js';
import { requireFitting } from './mix-sampling.js';
import {
  guidanceNumberAt,
  type SamplingNumbers,
  samplingNumbers,
  samplingTensors,
} from './sampling-numbers.js';

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

/** The unconditional text states of a prompt, as numbers. */
export const encodeNegative = async (
  model: Pick<DiffusionModel, 'encode'>,
  prompt = '',
): Promise<NonNullable<SamplingNumbers['negative']>> => {
  const { context } = await model.encode([prompt]);
  const { negative } = samplingNumbers({ negative: context });
  context.dispose();
  return negative as NonNullable<typeof negative>;
};

/**
 * Makes the wanted sampling weights as they are before training, owned by the caller: pictures come out as without them,
 * or as with those that were learnt before. Of the latter, what is not wanted comes along as it is.
 * @param wanted The parts that are to be trained; `lora` is none of these.
 * @param learnt What was learnt before; guidance that is to be trained is read at the timesteps of this chain.
 * @throws DraftError `DRAFT_SAMPLING_MISMATCH` where that is for another model.
 */
export const createSamplingWeights = async (
  { model, table, guidance, negativePrompt }: SamplingStart,
  wanted: readonly TrainedPart[],
  learnt: SamplingNumbers = {},
): Promise<SamplingWeights> => {
  const timesteps = knotsOf(table);
  const needsStates = wanted.includes('negative') || learnt.negative !== undefined;
  const states = needsStates ? await encodeNegative(model, negativePrompt) : undefined;
  if (states) requireFitting('What was learnt', learnt, { negative: states });
  const before = learnt.guidance;
  const weights = timesteps.map((t) => (before ? guidanceNumberAt(before, t) : guidance));
  const curve = wanted.includes('guidance') ? { timesteps, weights } : before;
  const negative = learnt.negative ?? states;
  return samplingTensors({ ...(curve ? { guidance: curve } : {}), ...(negative ? { negative } : {}) });
};
