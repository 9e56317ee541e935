import { DraftError } from '../errors/draft-error.js';
import { guidanceNumberAt, type SamplingNumbers } from './sampling-numbers.js';

/** What guides sampling where nothing was learnt. */
export interface SamplingBase {
  readonly guidance: number;
  /** Text states of the unconditional branch, `[1, tokens, width]`. */
  readonly negative: NonNullable<SamplingNumbers['negative']>;
}

/** Learnt sampling weights, and how much they count. */
export interface SamplingShare {
  /** What messages call it. */
  readonly name: string;
  readonly numbers: SamplingNumbers;
  /** 1 is as it was learnt, 0 is not at all. */
  readonly strength: number;
}

/**
 * Refuses text states of another text encoder.
 * @throws DraftError `DRAFT_SAMPLING_MISMATCH`.
 */
export const requireFitting = (
  name: string,
  { negative }: SamplingNumbers,
  base: Pick<SamplingBase, 'negative'>,
): void => {
  if (!negative || `${negative.shape}` === `${base.negative.shape}`) return;
  const size = ([, tokens, width]: readonly number[]) => `${tokens} × ${width}`;
  throw new DraftError(
    'DRAFT_SAMPLING_MISMATCH',
    `${name} is for another model: its negative text states are ${size(negative.shape)} numbers, this model's are ${size(base.negative.shape)}.`,
  );
};

/**
 * Several learnt sampling weights as one, on top of what was not learnt: `base + Σ strengthᵢ (learntᵢ − base)`, so that a
 * strength of 0 is the base. The curves' knots are united, whatever the strengths.
 * @throws DraftError `DRAFT_SAMPLING_MISMATCH` where text states are of another text encoder.
 */
export const mixSampling = (base: SamplingBase, shares: readonly SamplingShare[]): SamplingNumbers => {
  const curves = shares.flatMap(({ numbers: { guidance }, strength }) =>
    guidance ? [{ guidance, strength }] : [],
  );
  const states = shares.flatMap(({ name, numbers, strength }) => {
    requireFitting(name, numbers, base);
    return numbers.negative ? [{ data: numbers.negative.data, strength }] : [];
  });
  const knots = [...new Set(curves.flatMap(({ guidance }) => guidance.timesteps))].sort((a, b) => b - a);
  const mixed = <Learnt>(
    start: number,
    list: readonly (Learnt & { readonly strength: number })[],
    at: (one: Learnt) => number,
  ): number => list.reduce((sum, one) => sum + one.strength * (at(one) - start), start);
  return {
    ...(curves.length > 0
      ? {
          guidance: {
            timesteps: knots,
            weights: knots.map((t) =>
              mixed(base.guidance, curves, ({ guidance }) => guidanceNumberAt(guidance, t)),
            ),
          },
        }
      : {}),
    ...(states.length > 0
      ? {
          negative: {
            shape: base.negative.shape,
            data: base.negative.data.map((value, i) => mixed(value, states, ({ data }) => data[i]!)),
          },
        }
      : {}),
  };
};
