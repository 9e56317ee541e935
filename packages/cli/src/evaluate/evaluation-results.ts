import { DraftError, readJsonLines } from '@draft/core';
import type { Judgement } from '../run/judge.js';
import { chunkAt, countChunks, type EvaluationPlan } from './evaluation-plan.js';

/** What is kept of one picture. */
export interface PictureResult extends Judgement {
  /** Number of the prompt, from 0. */
  readonly index: number;
  readonly sample: number;
  readonly seed: number;
  /** Where it is kept, in the folder; null where it is not. */
  readonly file: string | null;
  /** How a strategy came to it. */
  readonly notes?: Readonly<Record<string, unknown>>;
}

/** One line of `results.jsonl`: some prompts, with all their pictures by one variant. */
export interface ChunkResult {
  readonly chunk: number;
  readonly variant: string;
  readonly pictures: readonly PictureResult[];
  /** Of each prompt in turn; null where it has one picture. */
  readonly diversity: readonly (number | null)[];
}

/** All pictures of one prompt by one variant. */
export interface PromptResult {
  readonly pictures: readonly PictureResult[];
  readonly diversity: number | null;
}

/** Results by variant, and then by prompt. */
export type EvaluationResults = ReadonlyMap<string, readonly PromptResult[]>;

const belongs = (line: unknown, plan: EvaluationPlan, number: number): line is ChunkResult => {
  const { variant, pictures } = chunkAt(plan, number);
  const given = (line ?? {}) as Partial<ChunkResult>;
  return (
    given.chunk === number &&
    given.variant === variant.id &&
    Array.isArray(given.diversity) &&
    Array.isArray(given.pictures) &&
    given.pictures.length === pictures.length &&
    pictures.every((planned, i) => {
      const { index, sample, seed } = (given.pictures?.[i] ?? {}) as Partial<PictureResult>;
      return index === planned.index && sample === planned.sample && seed === planned.seed;
    })
  );
};

/**
 * Reads the results of an evaluation that is complete.
 * @throws DraftError `DRAFT_EVALUATION_DAMAGED` where lines are missing or belong to another evaluation.
 */
export const readResults = (path: string, plan: EvaluationPlan): EvaluationResults => {
  const lines = readJsonLines(path);
  const total = countChunks(plan);
  const results = new Map<string, PromptResult[]>(plan.variants.map(({ id }) => [id, []]));
  for (let number = 0; number < total; number += 1) {
    const line = lines[number];
    if (!belongs(line, plan, number)) {
      throw new DraftError(
        'DRAFT_EVALUATION_DAMAGED',
        `Line ${number + 1} of ${path} is not of this evaluation: remove the folder to begin again.`,
      );
    }
    for (const [i, diversity] of line.diversity.entries()) {
      const pictures = line.pictures.slice(i * plan.perPrompt, (i + 1) * plan.perPrompt);
      results.get(line.variant)?.push({ pictures, diversity });
    }
  }
  return results;
};
