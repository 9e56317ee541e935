import { meanOf, squaredDeviations } from './moments.js';

/** Prompts that HPSv2's benchmark takes together. */
export const stylePart = 80;

/** A score of one style as HPSv2's benchmark has it. */
export interface StyleScore {
  /** The mean of the parts' means. */
  readonly mean: number;
  /** Their standard deviation, `√(Σ (x − mean)² / n)`. */
  readonly deviation: number;
  /** Mean of each 80 prompts in turn; the last part may be shorter. */
  readonly parts: readonly number[];
}

/**
 * Scores one style as HPSv2's own evaluation does: the mean of every 80 scores, then mean and population standard
 * deviation over these. Its tables show 100 times these numbers.
 * @param scores One a prompt, in the order of the style's file.
 */
export const styleScoreOf = (scores: readonly number[]): StyleScore => {
  const parts = Array.from({ length: Math.ceil(scores.length / stylePart) }, (_, i) =>
    meanOf(scores.slice(i * stylePart, (i + 1) * stylePart)),
  );
  return { mean: meanOf(parts), deviation: Math.sqrt(squaredDeviations(parts) / parts.length), parts };
};

/** The average of all styles as HPSv2's own evaluation has it: over all scores, whatever their style. */
export const averageScoreOf = (styles: readonly (readonly number[])[]): number => meanOf(styles.flat());
