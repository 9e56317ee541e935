import { type Algorithm, createRandomSource, DraftError, drawsPlans, queriesPerPicture } from '@draft/core';

/** What decides how many pictures an iteration asks the reward about. */
export interface QuerySettings {
  readonly steps: number;
  readonly batch: number;
  readonly accumulate: number;
}

/** More iterations than anyone waits for; keeps a plan that asks nothing from counting for ever. */
const most = 10_000_000;

/**
 * How many whole iterations an algorithm can make of a number of reward queries: each picture is one, and each noisy copy of
 * it that the reward judges one more.
 * @throws DraftError `DRAFT_OPTION_INVALID` where they are not enough for one.
 */
export const iterationsWithin = (
  queries: number,
  algorithm: Algorithm,
  { steps, batch, accumulate }: QuerySettings,
  seed: number,
  label: string,
  flag = '--queries',
): number => {
  const pictures = batch * accumulate;
  const random = createRandomSource(seed, 'train');
  const cost = (iteration: number): number =>
    drawsPlans(algorithm)
      ? pictures *
        queriesPerPicture(algorithm.plan({ steps, random: random.child('plan', iteration), iteration }))
      : pictures;
  const first = cost(0);
  if (first > queries) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `${flag} is ${queries}, but one iteration of ${label} asks the reward about ${first} pictures: give at least ${first}.`,
    );
  }
  let spent = first;
  let iterations = 1;
  while (iterations < most && spent + cost(iterations) <= queries) {
    spent += cost(iterations);
    iterations += 1;
  }
  return iterations;
};

/** At most `count` iterations up to the last, at equal ratios. */
export const momentsOf = (iterations: number, count: number): readonly number[] => {
  const first = Math.max(1, iterations / 64);
  const exact = Array.from({ length: count }, (_, i) =>
    Math.round(first * (iterations / first) ** (count === 1 ? 1 : i / (count - 1))),
  );
  return [...new Set([...exact, iterations])].sort((a, b) => a - b);
};
