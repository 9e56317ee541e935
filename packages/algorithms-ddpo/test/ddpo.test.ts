import ddpo, {
  type DdpoOptions,
  ddpoOptions,
  normaliseRewards,
  stochasticTable,
} from '@draft/algorithm-ddpo';
import {
  createLora,
  createRandomSource,
  createRuntime,
  createTrainer,
  DraftError,
  type MeasuredReward,
  type Runtime,
  type Trainer,
  type TrainerOptions,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import dpmpp from '@draft/sampler-dpmpp';
import euler from '@draft/sampler-euler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../../core/test/support/toy-model.js';

const model = lateModel();
function lateModel() {
  let made: ReturnType<typeof createToyModel> | undefined;
  return () => {
    made ??= createToyModel();
    return made;
  };
}

/** How light the red of a picture is, by its bytes: a reward without gradient. */
const redness: MeasuredReward = {
  differentiable: false,
  perSample: true,
  measure: async (pictures) =>
    pictures.map(({ data }) => data.reduce((sum, byte, i) => sum + (i % 3 === 0 ? byte / 255 : 0), 0)),
  dispose: () => {},
};

describe('DDPO', () => {
  let runtime: Runtime;
  const made: Trainer[] = [];
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
  });
  afterAll(() => {
    for (const trainer of made) trainer.dispose();
    model().dispose();
  });

  const start = (options: Partial<DdpoOptions> = {}, changes: Partial<TrainerOptions> = {}): Trainer => {
    const trainer = createTrainer({
      runtime,
      model: model(),
      table: ddim.create({ eta: 0 }).table(5, model().schedule),
      algorithm: ddpo.create({
        ...ddpoOptions.parse({ clipRange: 0.1, minCount: 4, bufferSize: 6 }),
        ...options,
      }),
      rewards: [{ name: 'redness', reward: redness, weight: 1 }],
      adapters: createLora(model().layers, { rank: 2, random: createRandomSource(1) }),
      prompts: ['a', 'bb', 'ccc'],
      height: 4,
      width: 4,
      guidance: 2,
      batch: 8,
      learningRate: { base: 2e-2, iterations: 40 },
      weightDecay: 0,
      seed: 5,
      ...changes,
    });
    made.push(trainer);
    return trainer;
  };
  const numbers = (trainer: Trainer) =>
    Object.entries(trainer.state().tensors).map(([name, { data }]) => [name, Array.from(data)]);

  it('raises a reward that has no gradient', async () => {
    const trainer = start(
      {},
      { batch: 32, prompts: ['a'], guidance: 1, learningRate: { base: 0.1, iterations: 40 } },
    );
    const rewards: number[] = [];
    for (let i = 0; i < 40; i++) rewards.push((await trainer.iterate()).reward);
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    // Means of 256 pictures each, whose standard error is about 0.05.
    expect(mean(rewards.slice(-8))).toBeGreaterThan(mean(rewards.slice(0, 8)) + 0.3);
  });

  it('counts each picture once, however many updates it serves', async () => {
    const trainer = start({ innerEpochs: 3 }, { accumulate: 2 });
    await trainer.iterate();
    const report = await trainer.iterate();
    expect(report).toMatchObject({ iteration: 2, rewardQueries: 32 });
    expect(report).not.toHaveProperty('plan');
    expect(report.figures?.clipped).toBeGreaterThanOrEqual(0);
    expect(trainer.state().tensors['count.updates']!.data[0]).toBe(6);
  });

  it('takes the same updates in micro-batches', async () => {
    const whole = start();
    const parts = start({}, { microBatch: 3 });
    for (let i = 0; i < 2; i++) {
      const [one, two] = [await whole.iterate(), await parts.iterate()];
      // Sums in another order: float32 rounding only.
      expect(two.reward).toBeCloseTo(one.reward, 4);
      expect(Math.abs(two.gradientNorm / one.gradientNorm - 1)).toBeLessThan(1e-3);
    }
  });

  it('goes on from a saved state to the bit, remembered rewards included', async () => {
    const undisturbed = start();
    for (let i = 0; i < 4; i++) await undisturbed.iterate();
    const interrupted = start();
    for (let i = 0; i < 2; i++) await interrupted.iterate();
    const resumed = start();
    resumed.restore(interrupted.state());
    await resumed.iterate();
    const last = await resumed.iterate();
    expect(last).toMatchObject({ iteration: 4, rewardQueries: 32 });
    expect(numbers(resumed)).toEqual(numbers(undisturbed));
    const counts = undisturbed.state().tensors['algorithm.history.counts']!.data;
    expect(Math.max(...counts)).toBe(6);
  });

  it('leaves everything as it was where a reward fails in the middle', async () => {
    let calls = 0;
    const failing: MeasuredReward = {
      ...redness,
      measure: async (pictures) => pictures.map((_, i) => (calls++ > 10 ? Number.NaN : i)),
    };
    const trainer = start({}, { rewards: [{ name: 'odd', reward: failing, weight: 1 }] });
    await trainer.iterate();
    const before = numbers(trainer);
    await expect(trainer.iterate()).rejects.toThrow(/The reward odd became NaN in iteration 2/);
    expect(numbers(trainer)).toEqual(before);
  });

  it('ends every iteration with as many tensors as it began with', async () => {
    const trainer = start({ k: 2, innerEpochs: 2 }, { microBatch: 4 });
    for (let i = 0; i < 2; i++) await trainer.iterate();
    const before = runtime.memory();
    for (let i = 0; i < 3; i++) await trainer.iterate();
    const { tensors, backendTensors } = runtime.memory();
    expect({ tensors, backendTensors }).toEqual({
      tensors: before.tensors,
      backendTensors: before.backendTensors,
    });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'more steps than there are',
      () => ddpo.create(ddpoOptions.parse({ k: 9 })).validate(5),
      /k of ddpo is 9/,
    ],
    [
      'a prompt that can never be remembered long enough',
      () => ddpo.create(ddpoOptions.parse({ bufferSize: 8 })).validate(5),
      /minCount of ddpo is 16, but only bufferSize = 8/,
    ],
    [
      'a multistep sampler',
      () => start({}, { table: dpmpp.create({ karras: false }).table(5, model().schedule) }),
      /cannot sample with a multistep sampler/,
    ],
    [
      'more steps than add noise',
      () => start({ k: 5 }, { table: euler.create({} as never).table(5, model().schedule) }),
      /k of ddpo is 5, but only 4 of the 5 sampling steps add noise/,
    ],
  ])('refuses %s', (_, attempt, message) => {
    try {
      attempt();
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error)).toBe(true);
      expect((error as Error).message).toMatch(message);
    }
  });

  it.each([{ k: 0 }, { clipRange: 0 }, { innerEpochs: 0 }, { eta: 0 }, { K: 1 }])(
    'refuses the options %j',
    (options) => {
      expect(ddpoOptions.safeParse(options).success).toBe(false);
    },
  );
});

describe('stochasticTable', () => {
  it.each([1, 0.4])('gives DDIM the noise of its own η = %d', (eta) => {
    const { schedule } = model();
    const given = stochasticTable(ddim.create({ eta: 0 }).table(7, schedule), eta);
    const own = ddim.create({ eta }).table(7, schedule);
    for (const [i, step] of own.steps.entries()) {
      for (const [name, value] of Object.entries(step)) {
        expect(given.steps[i]![name as keyof typeof step], `${name} of ${i}`).toBeCloseTo(value, 10);
      }
    }
  });

  it('takes a sampler that adds noise as it is', () => {
    const table = ddpm.create({} as never).table(6, model().schedule);
    expect(stochasticTable(table, 1)).toBe(table);
  });

  it('keeps the noise level of each state in σ space, too', () => {
    const table = euler.create({} as never).table(6, model().schedule);
    const noisy = stochasticTable(table, 1);
    noisy.steps.forEach((step, i) => {
      const before = table.steps[i]!;
      // Standard deviation of x_next about x̂₀, whose coefficient is 1 in Euler's variables.
      const level = (b: number, q: number) => b - q;
      expect(Math.hypot(level(step.b, step.q), step.c)).toBeCloseTo(level(before.b, before.q), 9);
    });
  });
});

describe('normaliseRewards', () => {
  const options = { advantageClip: 5, perPrompt: true, bufferSize: 3, minCount: 2 };
  const none = new Map<string, number[]>();

  it('normalises over the batch until a prompt has enough of its own', () => {
    const { advantages, history } = normaliseRewards(none, ['a', 'b', 'b'], [1, 2, 6], options);
    // The batch has the mean 3 and the deviation √(14/3); b alone has 4 and 2.
    expect(advantages[0]).toBeCloseTo(-2 / Math.sqrt(14 / 3), 5);
    expect(advantages.slice(1)).toEqual([expect.closeTo(-1, 5), expect.closeTo(1, 5)]);
    expect(Object.fromEntries(history)).toEqual({ a: [1], b: [2, 6] });
    const next = normaliseRewards(history, ['b', 'b'], [4, 4], options);
    // The oldest is forgotten: 6, 4, 4.
    expect(next.history.get('b')).toEqual([6, 4, 4]);
    expect(next.advantages[0]).toBeCloseTo((4 - 14 / 3) / Math.sqrt(8 / 9), 5);
    expect(Object.fromEntries(history)).toEqual({ a: [1], b: [2, 6] });
  });

  it('cuts advantages, and gives none where all rewards are equal', () => {
    const rewards = [...new Array<number>(99).fill(0), 1];
    const prompts = rewards.map(() => 'a');
    const cut = normaliseRewards(none, prompts, rewards, { ...options, perPrompt: false });
    expect(cut.advantages[99]).toBe(5);
    expect(cut.history.size).toBe(0);
    expect(normaliseRewards(none, ['a', 'b'], [2, 2], options).advantages).toEqual([0, 0]);
  });
});
