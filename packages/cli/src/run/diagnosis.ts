import { anglesOf, combineDepths, type Depths, normsOf } from './gradient-depths.js';
import { cosine } from './vector-norm.js';

/** A number that was measured several times. */
export interface Repeated {
  /** Over the repeats; null where one of them has no value. */
  readonly mean: number | null;
  readonly repeats: readonly (number | null)[];
}

/** One reward by itself, without its weight. */
export interface RewardDiagnosis {
  readonly name: string;
  readonly weight: number;
  /** Mean score of all pictures. */
  readonly score: number;
  /** Norm of its gradient for `K = 1, 2, …`. */
  readonly norms: readonly Repeated[];
}

/** The cosine between the gradients of two rewards, without their weights. */
export interface RewardCosine {
  readonly rewards: readonly [string, string];
  /** For `K = 1, 2, …`. */
  readonly cosines: readonly Repeated[];
}

/** What the gradients of DRaFT-K look like, of the weighted sum of the rewards and of each of them. */
export interface Diagnosis {
  readonly k: readonly number[];
  readonly norms: readonly Repeated[];
  /** Between DRaFT-1 and DRaFT-K, degrees. */
  readonly angles: readonly Repeated[];
  readonly rewards: readonly RewardDiagnosis[];
  readonly cosines: readonly RewardCosine[];
}

/** What was measured of one reward: a walk for each repeat, and the mean score. */
export interface RewardWalks {
  readonly name: string;
  readonly weight: number;
  readonly score: number;
  readonly walks: readonly Depths[];
}

const repeated = (repeats: readonly (number | null)[]): Repeated => {
  const known = repeats.filter((value) => value !== null);
  const complete = known.length === repeats.length && known.length > 0;
  return { mean: complete ? known.reduce((sum, value) => sum + value, 0) / known.length : null, repeats };
};

/** Lists by repeat turned into one measurement for each K. */
const byDepth = (lists: readonly (readonly (number | null)[])[]): readonly Repeated[] =>
  (lists[0] ?? []).map((_, k) => repeated(lists.map((list) => list[k] ?? null)));

/** Puts walks over the chain together. */
export const diagnose = (rewards: readonly RewardWalks[]): Diagnosis => {
  const totals = (rewards[0]?.walks ?? []).map((_, repeat) =>
    combineDepths(rewards.map(({ weight, walks }) => ({ weight, depths: walks[repeat] ?? [] }))),
  );
  const pairs = rewards.flatMap((one, i) => rewards.slice(i + 1).map((other) => [one, other] as const));
  return {
    k: (totals[0] ?? []).map((_, i) => i + 1),
    norms: byDepth(totals.map(normsOf)),
    angles: byDepth(totals.map(anglesOf)),
    rewards: rewards.map(({ name, weight, score, walks }) => ({
      name,
      weight,
      score,
      norms: byDepth(walks.map(normsOf)),
    })),
    cosines: pairs.map(([one, other]) => ({
      rewards: [one.name, other.name],
      cosines: byDepth(
        one.walks.map((depths, repeat) =>
          depths.map((vector, k) => cosine(vector, other.walks[repeat]?.[k] ?? [])),
        ),
      ),
    })),
  };
};
