import dpg, { type DpgOptions, dpgOptions } from '@draft/algorithm-dpg';
import {
  type Adapters,
  createLora,
  createRandomSource,
  createRuntime,
  createSamplingWeights,
  createTrainer,
  DraftError,
  type GradientPolicy,
  linear,
  type MeasuredReward,
  type Reward,
  type Runtime,
  type Tensor1D,
  type Tensor4D,
  type Trainer,
  type TrainerOptions,
  tf,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../../core/test/support/toy-model.js';

/** How red pictures are. */
const redness: Reward = {
  differentiable: true,
  perSample: true,
  score: (images) => tf.mean(tf.slice(images, [0, 0, 0, 0], [-1, -1, -1, 1]), [1, 2, 3]) as Tensor1D,
  dispose: () => {},
};

/** The same, by a network of one layer, which counts how often it is asked with a LoRA. */
const createNetworkReward = () => {
  const weight = tf.tensor2d([1, 0, 0], [1, 3]);
  const seen: string[] = [];
  const reward: Reward = {
    differentiable: true,
    perSample: true,
    layers: [{ name: 'judge', inFeatures: 3, outFeatures: 1, convolution: false }],
    score: (images: Tensor4D, _, adapters?: Adapters) => {
      seen.push(adapters ? [...adapters.keys()].join() : 'none');
      return tf.mean(linear(images, { weight }, adapters?.get('judge') ?? []), [1, 2, 3]) as Tensor1D;
    },
    dispose: () => weight.dispose(),
  };
  return { reward, seen };
};

describe('DPG', () => {
  let runtime: Runtime;
  let model: ReturnType<typeof createToyModel>;
  const made: Trainer[] = [];
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    model = createToyModel();
  });
  afterAll(() => {
    for (const trainer of made) trainer.dispose();
    model.dispose();
  });

  const start = (options: Partial<DpgOptions> = {}, changes: Partial<TrainerOptions> = {}): Trainer => {
    const trainer = createTrainer({
      runtime,
      model,
      table: ddim.create({ eta: 0 }).table(5, model.schedule),
      algorithm: dpg.create({ ...dpgOptions.parse({ k: 2, criticRank: 2 }), ...options }),
      rewards: [{ name: 'redness', reward: redness, weight: 1 }],
      adapters: createLora(model.layers, { rank: 2, random: createRandomSource(1) }),
      prompts: ['a', 'bb', 'ccc'],
      height: 4,
      width: 4,
      guidance: 2,
      batch: 6,
      learningRate: { base: 2e-2, iterations: 20 },
      weightDecay: 0,
      seed: 5,
      ...changes,
    });
    made.push(trainer);
    return trainer;
  };
  const numbers = (trainer: Trainer) =>
    Object.entries(trainer.state().tensors).map(([name, { data }]) => [name, Array.from(data)]);

  it('raises the reward while the critic learns to foresee it', async () => {
    const trainer = start(
      {},
      { batch: 24, prompts: ['a'], guidance: 1, learningRate: { base: 0.1, iterations: 20 } },
    );
    const reports = [];
    for (let i = 0; i < 20; i++) reports.push(await trainer.iterate());
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    const rewards = reports.map(({ reward }) => reward);
    // Means of 120 pictures, whose standard error is below 0.005.
    expect(mean(rewards.slice(-5))).toBeGreaterThan(mean(rewards.slice(0, 5)) + 0.01);
    // A model that hardly moves, and every step: what changes is the critic.
    const still = start(
      { k: 5, criticLearningRate: 1e-2 },
      { batch: 16, learningRate: { base: 1e-9, iterations: 30 } },
    );
    const losses: number[] = [];
    for (let i = 0; i < 30; i++) losses.push((await still.iterate()).figures!.criticLoss!);
    expect(mean(losses.slice(-5))).toBeLessThan(0.5 * mean(losses.slice(0, 5)));
  });

  it.each([
    ['a LoRA', ['lora']],
    ['what guides sampling', ['guidance', 'negative']],
  ] as const)(
    'follows the gradient of ReFL in %s at its step, while the critic is the reward',
    async (_, train) => {
      const refl: GradientPolicy = {
        validate: () => {},
        plan: ({ steps }) => ({ steps, train: [1], stop: 1, detachInput: true, cutState: 1, copies: 0 }),
      };
      const table = ddim.create({ eta: 0 }).table(1, model.schedule);
      const same = async () => ({
        ...{ table, train },
        sampling: await createSamplingWeights({ model, table, guidance: 2 }, train),
      });
      const own = await start({ k: 1, criticLearningRate: 1e-30 }, await same()).iterate();
      const theirs = await start({}, { ...(await same()), algorithm: refl }).iterate();
      expect(theirs.gradientNorm).toBeGreaterThan(0);
      expect(Math.abs(own.gradientNorm / theirs.gradientNorm - 1)).toBeLessThan(1e-5);
    },
  );

  it('adapts the layers of a reward that has some, and no picture before it', async () => {
    const { reward, seen } = createNetworkReward();
    const trainer = start({}, { rewards: [{ name: 'network', reward, weight: -2 }] });
    await trainer.iterate();
    // The score itself without LoRA, both critics' calls with it.
    expect(new Set(seen)).toEqual(new Set(['none', 'judge']));
    const critics = Object.keys(trainer.state().tensors).filter((name) =>
      name.startsWith('algorithm.critic.'),
    );
    expect(critics.sort()).toEqual([
      'algorithm.critic.network.lora.0.judge.down',
      'algorithm.critic.network.lora.0.judge.up',
      'algorithm.critic.network.offset',
    ]);
    reward.dispose();
  });

  it('takes the same updates in micro-batches', async () => {
    const [whole, parts] = [start(), start({}, { microBatch: 4 })];
    for (let i = 0; i < 2; i++) {
      const [one, two] = [await whole.iterate(), await parts.iterate()];
      // Sums in another order: float32 rounding only.
      expect(two.figures!.criticLoss! / one.figures!.criticLoss!).toBeCloseTo(1, 3);
      expect(Math.abs(two.gradientNorm / one.gradientNorm - 1)).toBeLessThan(1e-3);
      expect(two.rewardQueries).toBe(one.rewardQueries);
    }
  });

  it('goes on from a saved state to the bit, critics included', async () => {
    const undisturbed = start({ criticUpdates: 2 });
    for (let i = 0; i < 4; i++) await undisturbed.iterate();
    const interrupted = start({ criticUpdates: 2 });
    for (let i = 0; i < 2; i++) await interrupted.iterate();
    const resumed = start({ criticUpdates: 2 });
    resumed.restore(interrupted.state());
    await resumed.iterate();
    expect(await resumed.iterate()).toMatchObject({ iteration: 4, rewardQueries: 24 });
    expect(numbers(resumed)).toEqual(numbers(undisturbed));
    expect(undisturbed.state().tensors['algorithm.updates']!.data[0]).toBe(8);
  });

  it('leaves model and critics as they were where the gradient is no number', async () => {
    let broken = false;
    const steep: Reward = {
      ...redness,
      prepare: () => ({ factor: tf.scalar(broken ? Number.NaN : 0) }),
      score: (images, { factor }) =>
        tf.add(
          redness.score(images, {}),
          tf.mul(tf.sub(redness.score(images, {}), redness.score(images, {})), factor!),
        ) as Tensor1D,
    };
    const trainer = start({}, { rewards: [{ name: 'steep', reward: steep, weight: 1 }] });
    await trainer.iterate();
    const before = numbers(trainer);
    broken = true;
    await expect(trainer.iterate()).rejects.toMatchObject({ code: 'DRAFT_NON_FINITE' });
    expect(numbers(trainer)).toEqual(before);
    broken = false;
    expect((await trainer.iterate()).iteration).toBe(2);
  });

  it('ends every iteration with as many tensors as it began with', async () => {
    const trainer = start({ criticUpdates: 2 }, { microBatch: 4 });
    for (let i = 0; i < 3; i++) await trainer.iterate();
    const before = runtime.memory();
    for (let i = 0; i < 3; i++) await trainer.iterate();
    const { tensors, backendTensors } = runtime.memory();
    expect({ tensors, backendTensors }).toEqual({
      tensors: before.tensors,
      backendTensors: before.backendTensors,
    });
  });

  it('refuses what it cannot do', () => {
    expect(() => dpg.create(dpgOptions.parse({ k: 9 })).validate(5)).toThrow(
      /k of dpg is 9, but there are only 5/,
    );
    const size: MeasuredReward = {
      differentiable: false,
      perSample: true,
      measure: async () => [],
      dispose: () => {},
    };
    try {
      start({}, { rewards: [{ name: 'size', reward: size, weight: 1 }] });
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error) && error.code).toBe('DRAFT_REWARD_NOT_DIFFERENTIABLE');
      expect((error as Error).message).toMatch(/train on it with the algorithm ddpo/);
    }
  });

  it.each([{ k: 0 }, { criticRank: 0 }, { criticLearningRate: 0 }, { criticUpdates: 0 }, { K: 1 }])(
    'refuses the options %j',
    (options) => {
      expect(dpgOptions.safeParse(options).success).toBe(false);
    },
  );
});
