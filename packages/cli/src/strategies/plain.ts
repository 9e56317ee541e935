import type { Drawing, DrawingTools } from './strategy.js';

/** Draws each picture once, and judges it where there is a reward. */
export const createPlain = ({ maker, judge }: Pick<DrawingTools, 'maker' | 'judge'>): Drawing => ({
  async draw({ noise, subjects, adapters, sampling, progress }) {
    const made = await maker.makeFrom(noise, subjects, adapters, progress, sampling);
    const judgements = (await judge?.score(made.images, subjects)) ?? [];
    return { ...made, judgements, notes: subjects.map(() => ({})) };
  },
  dispose: () => {},
});
