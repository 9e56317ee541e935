import type { Judgement } from '../../run/judge.js';

/** A number of a picture that is compared: a reward, or the weighted sum of all. */
export interface Measure {
  /** In tables and files; the weighted sum is `weightedSum`. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** −1 where less is better, as the reward has a negative weight. */
  readonly direction: 1 | -1;
  of(judgement: Judgement): number;
}

/** What is compared: each reward without its weight, and the weighted sum where that is something else. */
export const measuresOf = (
  rewards: readonly { readonly name: string; readonly weight: number }[],
): readonly Measure[] => {
  const single = rewards.length === 1 && rewards[0]?.weight === 1;
  return [
    ...rewards.map(
      ({ name, weight }): Measure => ({
        name,
        label: weight < 0 ? `${name} (less is better)` : name,
        direction: weight < 0 ? -1 : 1,
        of: (judgement) => judgement.rewards[name] ?? Number.NaN,
      }),
    ),
    ...(single
      ? []
      : [
          {
            name: 'weightedSum',
            label: 'weighted sum',
            direction: 1,
            of: ({ reward }) => reward,
          } satisfies Measure,
        ]),
  ];
};
