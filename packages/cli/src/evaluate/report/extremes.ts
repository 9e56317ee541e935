import type { EvaluationResults } from '../evaluation-results.js';
import type { Measure } from '../statistics/measures.js';
import { meanOf } from '../statistics/moments.js';
import type { Variant } from '../variants.js';

/** A prompt with what a variant changes there. */
export interface PromptChange {
  readonly index: number;
  readonly base: number;
  readonly own: number;
  /** By how much the variant is better. */
  readonly gain: number;
}

/** The prompts on which a variant gains most, and those on which it gains least. */
export interface Extremes {
  readonly most: readonly PromptChange[];
  readonly least: readonly PromptChange[];
}

/** Finds where a variant helps most and least, by the mean of a prompt's pictures. */
export const extremesOf = (
  results: EvaluationResults,
  [base, variant]: readonly [Variant, Variant],
  measure: Measure,
  count: number,
): Extremes => {
  const means = (id: string): readonly number[] =>
    (results.get(id) ?? []).map(({ pictures }) => meanOf(pictures.map(measure.of)));
  const before = means(base.id);
  const changes = means(variant.id)
    .map((own, index): PromptChange => {
      const other = before[index] ?? Number.NaN;
      return { index, base: other, own, gain: measure.direction * (own - other) };
    })
    .sort((a, b) => b.gain - a.gain);
  const most = changes.slice(0, Math.min(count, Math.floor(changes.length / 2)));
  return { most, least: changes.slice(changes.length - most.length) };
};
