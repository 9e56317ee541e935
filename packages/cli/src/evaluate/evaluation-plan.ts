import type { Subject } from '../run/evaluation.js';
import type { EvaluationPrompt } from './prompts/evaluation-prompt.js';
import type { Variant } from './variants.js';

/** Everything that decides which pictures are drawn, and in which order. */
export interface EvaluationPlan {
  readonly prompts: readonly EvaluationPrompt[];
  readonly variants: readonly Variant[];
  /** Pictures of each prompt. */
  readonly perPrompt: number;
  /** Pictures that are computed at once. */
  readonly batch: number;
  /** Seed of the first picture. */
  readonly seed: number;
  /** Prompts whose pictures are shown. */
  readonly show: number;
  readonly keep: 'all' | 'shown';
}

/** One picture of a prompt; the same for all that is compared. */
export interface PlannedPicture extends Subject {
  /** Number of the prompt, from 0. */
  readonly index: number;
  /** Number of the picture among those of its prompt, from 0. */
  readonly sample: number;
}

/** What is drawn, judged and written in one piece: some prompts, with all their pictures by one variant. */
export interface Chunk {
  readonly variant: Variant;
  readonly pictures: readonly PlannedPicture[];
}

/** How many prompts a chunk has. */
const promptsOf = ({ batch, perPrompt }: EvaluationPlan): number =>
  Math.max(1, Math.floor(batch / perPrompt));

/** How many chunks there are. */
export const countChunks = (plan: EvaluationPlan): number =>
  Math.ceil(plan.prompts.length / promptsOf(plan)) * plan.variants.length;

/**
 * A chunk by its number. Of the same prompts all variants come one after the other, so that what there is of an
 * unfinished evaluation can be compared.
 */
export const chunkAt = (plan: EvaluationPlan, number: number): Chunk => {
  const size = promptsOf(plan);
  const first = Math.floor(number / plan.variants.length) * size;
  const variant = plan.variants[number % plan.variants.length] as Variant;
  const pictures = plan.prompts.slice(first, first + size).flatMap(({ prompt }, i) =>
    Array.from({ length: plan.perPrompt }, (_, sample) => ({
      prompt,
      index: first + i,
      sample,
      seed: plan.seed + (first + i) * plan.perPrompt + sample,
    })),
  );
  return { variant, pictures };
};

/** The numbers of the prompts whose pictures are shown, evenly spread. */
export const shownPrompts = ({
  prompts,
  show,
}: Pick<EvaluationPlan, 'prompts' | 'show'>): readonly number[] =>
  prompts.length <= show
    ? prompts.map((_, i) => i)
    : Array.from({ length: show }, (_, i) => Math.floor((i * prompts.length) / show));

/** Where a picture is kept, in the folder: `pictures/lora-0.5/00012-0.png`. */
export const pictureFile = (
  variant: string,
  { index, sample }: Pick<PlannedPicture, 'index' | 'sample'>,
): string => `pictures/${variant}/${String(index).padStart(5, '0')}-${sample}.png`;
