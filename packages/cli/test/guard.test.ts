import { createRuntime, type Reward, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { type GuardReading, readPictures } from '../src/guard/guard-reading.js';
import { judgeReadings } from '../src/guard/guard-rule.js';
import { createRewardSteepness, steepnessStep } from '../src/guard/reward-steepness.js';
import { watchedSubjects } from '../src/guard/run-watch.js';
import { watchCurves } from '../src/guard/watch-curves.js';
import type { JudgedPicture } from '../src/run/evaluation.js';

const reading = (iteration: number, more: Partial<Record<keyof typeof start, number>> = {}): GuardReading => {
  const { reward, watched, diversity, steepness } = { ...start, ...more };
  const set = {
    reward: { mean: reward, deviation: 0.5 },
    rewards: { toy: reward },
    watched: { other: { mean: watched, deviation: 0.2 } },
  };
  return { iteration, train: set, heldOut: set, diversity, steepness };
};
const start = { reward: 0, watched: 1, diversity: 0.4, steepness: 0.1 };
const measures = (...readings: readonly GuardReading[]) => {
  const { signs, lasting } = judgeReadings(readings);
  return [signs, lasting].map((list) => list.map(({ measure }) => measure));
};

describe('judgeReadings', () => {
  it('says nothing of a reward that rises while the pictures stay what they are', () => {
    const better = [1, 2, 3].map((i) => reading(i, { reward: i, diversity: 0.3, watched: 0.9 }));
    expect(judgeReadings([reading(0), ...better])).toEqual({ signs: [], lasting: [], best: 3 });
    expect(judgeReadings([reading(0)])).toEqual({ signs: [], lasting: [], best: null });
    expect(judgeReadings([])).toEqual({ signs: [], lasting: [], best: null });
  });

  it.each<[string, Partial<typeof start>, Partial<typeof start>]>([
    ['diversity', { diversity: 0.21 }, { diversity: 0.19 }],
    ['watched other', { watched: 0.81 }, { watched: 0.79 }],
    // Half of what was gained goes again a step away; before training 0.1 went.
    ['steepness', { reward: 2, steepness: 1.05 }, { reward: 2, steepness: 1.15 }],
  ])('counts a sign of %s that two readings show', (measure, harmless, harmful) => {
    expect(measures(reading(0), reading(5, harmless), reading(10, harmless))).toEqual([[], []]);
    expect(measures(reading(0), reading(5, harmful))).toEqual([[measure], []]);
    expect(measures(reading(0), reading(5, harmful), reading(10))).toEqual([[], []]);
    expect(measures(reading(0), reading(5, harmful), reading(10, harmful))).toEqual([[measure], [measure]]);
  });

  it('asks nothing of the steepness while little was gained', () => {
    const steep = { reward: 0.4, steepness: 3 };
    expect(measures(reading(0), reading(5, steep), reading(10, steep))).toEqual([[], []]);
  });

  it('keeps the best reading without any sign', () => {
    const run = [
      reading(0),
      reading(5, { reward: 1 }),
      reading(10, { reward: 3 }),
      reading(15, { reward: 2 }),
      reading(20, { reward: 9, diversity: 0.1 }),
    ];
    expect(judgeReadings(run).best).toBe(10);
  });

  it('knows watched rewards of which less is better', () => {
    const more = reading(5, { watched: 1.5 });
    expect(judgeReadings([reading(0), more], { other: -1 }).signs).toHaveLength(1);
    expect(judgeReadings([reading(0), more], { other: 1 }).signs).toHaveLength(0);
  });
});

describe('readPictures', () => {
  const picture = { width: 1, height: 1, data: new Uint8Array(3) };
  const judged = (prompt: string, reward: number, embedding: readonly number[]): JudgedPicture => ({
    ...{ prompt, seed: 0, picture, reward, rewards: { toy: reward / 2 }, watched: { other: -reward } },
    ...{ embedding: Float32Array.from(embedding), steepness: reward },
  });

  it('takes means and deviations, and the diversity of each prompt by itself', () => {
    const pictures = [judged('a', 1, [1, 0]), judged('a', 3, [0, 1]), judged('b', 2, [2, 2])];
    const again = [...pictures, judged('b', 2, [1, 1])];
    const { train, heldOut, diversity, steepness } = readPictures(7, again, []);
    expect(train.reward).toEqual({ mean: 2, deviation: Math.sqrt(0.5) });
    expect(train.rewards).toEqual({ toy: 1 });
    expect(train.watched.other?.mean).toBe(-2);
    expect(heldOut).toBeNull();
    // 1 of the prompt whose pictures are orthogonal, 0 of the other.
    expect(diversity).toBeCloseTo(0.5, 6);
    expect(steepness).toBe(2);
    expect(watchCurves([readPictures(0, again, again), readPictures(1, again, again)])).toHaveLength(4);
  });
});

describe('watchedSubjects', () => {
  const samples = [
    { prompt: 'a', seed: 3 },
    { prompt: 'b', seed: 4 },
    { prompt: 'a', seed: 5 },
  ];
  it('begins with the samples, and adds seeds of the same prompts', () => {
    const plan = { guard: 'warn' as const, samples: 3, directions: {} };
    const { train, heldOut } = watchedSubjects(samples, samples, plan);
    expect(train.slice(0, 3)).toEqual(samples);
    expect(train.map(({ seed }) => seed)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(train.filter(({ prompt }) => prompt === 'b')).toHaveLength(3);
    expect(heldOut).toEqual(samples);
    expect(watchedSubjects(samples, samples, { ...plan, guard: 'off' })).toEqual({
      train: samples,
      heldOut: [],
    });
  });
});

describe('createRewardSteepness', () => {
  const bowl: Reward = {
    differentiable: true,
    perSample: true,
    // Steeper for the second of two pictures.
    score: (images) =>
      tf.neg(tf.sum(tf.square(tf.sub(images, tf.tensor4d([0.5, 0.4], [2, 1, 1, 1]))), [1, 2, 3])) as Tensor1D,
    dispose: () => {},
  };

  it('is the fall over a step of its length along the gradient', async () => {
    const runtime = await createRuntime({ backend: 'cpu' });
    const images = tf.fill([2, 2, 2, 3], 0.6) as Tensor4D;
    const steepness = createRewardSteepness(runtime, [{ name: 'bowl', reward: bowl, weight: 2 }]);
    const before = tf.memory().numTensors;
    const context = () => ({ prompts: ['', ''], random: {} as never, iteration: 0 });
    const values = await steepness.measure(images, context);
    expect(tf.memory().numTensors).toBe(before);
    // Uphill is towards the bowl's middle; back from it each of the 12 values moves by the step.
    [0.1, 0.2].forEach((distance, i) => {
      const fall = 2 * 12 * ((distance + steepnessStep) ** 2 - distance ** 2);
      expect(values[i]).toBeCloseTo(fall, 5);
    });
    steepness.dispose();
    images.dispose();
  });
});
