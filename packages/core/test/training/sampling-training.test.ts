import {
  createLora,
  createRandomSource,
  createRuntime,
  createSamplingWeights,
  createTrainer,
  type DiffusionModel,
  type EstimatorAlgorithm,
  type GradientPolicy,
  guidanceRate,
  type Plan,
  type Reward,
  type Runtime,
  type SamplingNumbers,
  samplingNumbers,
  type Tensor1D,
  type TrainedPart,
  type Trainer,
  tf,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../support/toy-model.js';

const steps = 4;

const bright: Reward = {
  differentiable: true,
  perSample: true,
  score: (images) => tf.mul(10, tf.mean(images, [1, 2, 3])) as Tensor1D,
  dispose: () => {},
};

const plan: Plan = { steps, train: [4, 3, 1], stop: 0, detachInput: true, cutState: null, copies: 0 };
const policy: GradientPolicy = { validate: () => {}, plan: () => plan };

describe('training what guides sampling', () => {
  let runtime: Runtime;
  let model: DiffusionModel;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'cpu' });
    model = { ...createToyModel(), decode: (latents) => tf.sigmoid(tf.mul(latents, 0.5)) };
  });
  afterAll(() => model.dispose());

  const start = async (
    train: readonly TrainedPart[],
    more: Partial<Parameters<typeof createTrainer>[0]> & { readonly learnt?: SamplingNumbers } = {},
  ): Promise<Trainer> => {
    const { learnt, ...options } = more;
    const guidance = options.guidance ?? 2;
    const table = ddim.create({ eta: 0 }).table(steps, model.schedule);
    const sampling = await createSamplingWeights({ model, table, guidance }, train, learnt);
    return createTrainer({
      ...{ runtime, model, table, guidance, algorithm: policy, sampling, train },
      rewards: [{ name: 'bright', reward: bright, weight: 1 }],
      adapters: train.includes('lora')
        ? createLora(model.layers, { rank: 1, random: createRandomSource(1) })
        : new Map(),
      prompts: ['a', 'bb', 'ccc'],
      ...{ height: 4, width: 4, batch: 3, microBatch: 2, seed: 3, clip: 0, weightDecay: 0.5 },
      learningRate: { base: 0.01, iterations: 9 },
      ...options,
    });
  };

  const numbersOf = (trainer: Trainer) => samplingNumbers(trainer.sampling() ?? {});
  const stateOf = (trainer: Trainer) =>
    Object.entries(trainer.state().tensors).map(([name, { data }]) => [name, Array.from(data)]);

  it('begins at the guidance and the empty prompt, and moves each by its own rate, without decay', async () => {
    const trainer = await start(['guidance', 'negative']);
    const before = numbersOf(trainer);
    expect(before.guidance!.weights).toEqual([2, 2, 2, 2]);
    const empty = (await model.encode([''])).context;
    expect(before.negative).toEqual({ shape: [1, 1, 3], data: empty.dataSync() });
    empty.dispose();
    await trainer.iterate();
    const after = numbersOf(trainer);
    // Adam's first step is the learning rate in each number that has a gradient, whatever its size.
    const moves = after.guidance!.weights.map((weight, i) => Math.abs(weight - before.guidance!.weights[i]!));
    for (const t of plan.train) expect(moves[steps - t]! / (guidanceRate * 0.01)).toBeCloseTo(1, 3);
    expect(moves[steps - 2]).toBe(0);
    after.negative!.data.forEach((value, i) => {
      expect(Math.abs(value - before.negative!.data[i]!) / 0.01).toBeCloseTo(1, 2);
    });
    trainer.dispose();
  });

  it('raises the reward with the guidance alone, leaving the LoRA that is there as it is', async () => {
    const adapters = createLora(model.layers, { rank: 1, random: createRandomSource(1) });
    const whole: Plan = { ...plan, train: [4, 3, 2, 1], detachInput: false };
    const algorithm: GradientPolicy = { validate: () => {}, plan: () => whole };
    const trainer = await start(['guidance'], { adapters, algorithm });
    const before = trainer.state().tensors;
    // The same pictures without training, as each iteration has prompts and noise of its own.
    const idle = await start(['guidance'], { algorithm, learningRate: { base: 1e-12, iterations: 9 } });
    const gains: number[] = [];
    for (let i = 0; i < 4; i++) gains.push((await trainer.iterate()).reward - (await idle.iterate()).reward);
    idle.dispose();
    expect(gains[0]).toBeCloseTo(0, 5);
    expect(gains[1]).toBeGreaterThan(1e-3);
    expect(gains[3]).toBeGreaterThan(gains[1]!);
    const after = trainer.state().tensors;
    for (const side of ['down', 'up']) {
      const name = `lora.0.toy.to_q.${side}`;
      expect(after[name]).toEqual(before[name]);
      expect(after[`first.${name}`]).toBeUndefined();
    }
    trainer.dispose();
  });

  it('trains with a guidance of 1 as well', async () => {
    const trainer = await start(['guidance', 'negative'], { guidance: 1 });
    await trainer.iterate();
    expect(numbersOf(trainer).guidance!.weights[0]).not.toBe(1);
    trainer.dispose();
  });

  it('goes on from a saved state to the bit, and leaves nothing behind', async () => {
    const parts = ['lora', 'guidance', 'negative'] as const;
    const undisturbed = await start(parts);
    await undisturbed.iterate();
    const saved = undisturbed.state();
    const resumed = await start(parts);
    resumed.restore(saved);
    await undisturbed.iterate();
    const before = runtime.memory().tensors;
    await undisturbed.iterate();
    expect(runtime.memory().tensors).toBe(before);
    await resumed.iterate();
    await resumed.iterate();
    expect(stateOf(resumed)).toEqual(stateOf(undisturbed));
    undisturbed.dispose();
    resumed.dispose();
  });

  it('leaves nothing behind when it is done', async () => {
    const before = tf.memory().numTensors;
    const trainer = await start(['lora', 'guidance', 'negative'], { ema: 0.9 });
    await trainer.iterate();
    expect(trainer.averagedSampling()?.guidance).toBeDefined();
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('reads guidance that was learnt before at the steps of its own chain', async () => {
    const learnt = { guidance: { timesteps: [751, 1], weights: [8, 3] } };
    const trained = await start(['guidance'], { learnt });
    // Timesteps 751, 501, 251, 1.
    expect(numbersOf(trained).guidance!.weights).toEqual([8, 3 + (5 * 2) / 3, 3 + 5 / 3, 3].map(Math.fround));
    trained.dispose();
    const fixed = await start(['lora'], { learnt });
    await fixed.iterate();
    expect(numbersOf(fixed)).toEqual(learnt);
    fixed.dispose();
  });

  it('refuses what cannot be trained', async () => {
    const alone: EstimatorAlgorithm = {
      differentiatesRewards: true,
      validate: () => {},
      createEstimator: () => {
        throw new Error('not to be reached');
      },
    };
    await expect(start([])).rejects.toThrow('Nothing is to be trained');
    await expect(start(['negative'], { guidance: 1 })).rejects.toThrow(/Without guidance there is no/);
    await expect(start(['guidance'], { algorithm: alone })).rejects.toThrow(
      /trains a LoRA only, not guidance/,
    );
    await expect(start(['lora'], { adapters: new Map() })).rejects.toThrow(
      /to train lora, but was given none/,
    );
  });
});
