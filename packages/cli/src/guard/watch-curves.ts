import { type CurveSeries, drawCurve } from '@draft/core';
import type { GuardReading, SetReading } from './guard-reading.js';

/** A diagram of what was watched. */
export interface WatchCurve {
  /** A name for its place, `watched-reward`, `diversity`, `steepness`. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

/**
 * Draws readings: finished pictures of always the same prompts and seeds.
 * @param width In pixels. @default 760
 */
export const watchCurves = (readings: readonly GuardReading[], width = 760): readonly WatchCurve[] => {
  const [first] = readings;
  if (first === undefined || readings.length < 2) return [];
  const x = readings.map(({ iteration }) => iteration);
  const series = (
    label: string,
    pick: (reading: GuardReading) => number | null | undefined,
  ): CurveSeries => ({
    label,
    x,
    y: readings.map((reading) => pick(reading) ?? Number.NaN),
  });
  const bothSets = (pick: (set: SetReading) => number | undefined): CurveSeries[] => [
    series('training prompts', ({ train }) => pick(train)),
    ...(first.heldOut ? [series('held-out prompts', ({ heldOut }) => heldOut && pick(heldOut))] : []),
  ];
  const draw = (title: string, yLabel: string, lines: readonly CurveSeries[]): string =>
    drawCurve(lines, { title, xLabel: 'iteration', yLabel, width, height: 300 });
  const curves: WatchCurve[] = [
    {
      name: 'reward',
      title: 'Reward of finished pictures',
      caption: 'Of the same prompts and seeds throughout.',
      svg: draw(
        'Reward of finished pictures',
        'reward',
        bothSets(({ reward }) => reward.mean),
      ),
    },
  ];
  for (const name of Object.keys(first.train.watched)) {
    const title = `Watched, not trained on: ${name}`;
    curves.push({
      name: `watched-${name}`,
      title,
      caption:
        'Of the same pictures. A reward that falls while the trained one rises is what the training costs.',
      svg: draw(
        title,
        name,
        bothSets(({ watched }) => watched[name]?.mean),
      ),
    });
  }
  if (first.diversity !== null) {
    curves.push({
      name: 'diversity',
      title: 'Diversity',
      caption: 'How much the pictures of one prompt differ; 0 is not at all.',
      svg: draw('Diversity', '1 − mean cosine', [series('diversity', ({ diversity }) => diversity)]),
    });
  }
  if (first.steepness !== null) {
    curves.push({
      name: 'steepness',
      title: 'Steepness of the reward',
      caption: 'What a step down its gradient, too small to see, takes from the reward.',
      svg: draw('Steepness of the reward', 'r(x) − r(x − ρ ĝ)', [
        series('steepness', ({ steepness }) => steepness),
      ]),
    });
  }
  return curves;
};
