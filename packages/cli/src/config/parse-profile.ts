import { DraftError } from '@draft/core/plugins';

/** Iterations of a run, both ends among them. */
export interface IterationRange {
  readonly from: number;
  readonly to: number;
}

/** What is profiled where no iterations are given: the first records graphs, and the second makes them ready for it. */
export const usualIterations = '3:5';

/**
 * Reads which iterations are profiled: `3`, `3:5`, or `true` for the usual ones, of which a short run takes the last.
 * @param iterations How many the run has.
 * @returns Undefined where none are.
 * @throws DraftError `DRAFT_OPTION_INVALID` where the run has no such iterations.
 */
export const parseProfile = (
  profile: boolean | number | string,
  iterations: number,
): IterationRange | undefined => {
  if (profile === false) return undefined;
  const usual = profile === true;
  const [from = 1, to = from] = String(usual ? usualIterations : profile)
    .split(':')
    .map(Number);
  if (usual) return { from: Math.min(from, iterations), to: Math.min(to, iterations) };
  if (from <= to && to <= iterations) return { from, to };
  throw new DraftError(
    'DRAFT_OPTION_INVALID',
    `--profile takes iterations of the run, of which there are ${iterations}, the first before the last (given: ${profile}).`,
  );
};
