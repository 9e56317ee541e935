import { z } from 'zod';
import type { Judge } from '../run/judge.js';
import { createBestPictures } from './best-pictures.js';
import type { Strategy } from './strategy.js';

/** Options of best-of-n. */
export const bestOfOptions = z.strictObject({
  /** Pictures that are drawn of each one that is kept. */
  n: z.int().min(1).max(10_000).default(16).describe('Pictures that are drawn of each one that is kept.'),
});

/** Options of best-of-n, with defaults filled in. */
export type BestOfOptions = z.output<typeof bestOfOptions>;

/**
 * Draws n pictures for each one and keeps that with the highest reward. The first is what would be drawn without; the
 * others have seeds counted on behind those of all the pictures.
 */
export const bestOf: Strategy<BestOfOptions> = {
  options: bestOfOptions,
  rewards: 'scores',
  create: ({ n }, { maker, judge, count }) => ({
    async draw({ noise, subjects, adapters, sampling, progress }) {
      const best = createBestPictures();
      const seedOf = (seed: number, candidate: number) => seed + candidate * count;
      try {
        for (let candidate = 0; candidate < n; candidate += 1) {
          const others = subjects.map(({ prompt, seed }) => ({ prompt, seed: seedOf(seed, candidate) }));
          const advance = (share: number) => progress((candidate + share) / n);
          const made =
            candidate === 0
              ? await maker.makeFrom(noise, subjects, adapters, advance, sampling)
              : await maker.make(others, adapters, advance, sampling);
          // By the same subjects each time, so that what a reward draws at random is the same.
          best.offer(made, await (judge as Judge).score(made.images, subjects));
        }
        const { indices, rewards, ...pictures } = best.take();
        const notes = subjects.map(({ seed }, i) => ({
          seed: seedOf(seed, indices[i] ?? 0),
          candidate: indices[i],
          candidateRewards: rewards[i],
        }));
        return { ...pictures, notes };
      } finally {
        best.dispose();
      }
    },
    dispose: () => {},
  }),
};
