import {
  createLora,
  createRandomSource,
  createRuntime,
  createTrainer,
  type GradientPolicy,
  type Reward,
  type Runtime,
  type SamplerStep,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type Trainer,
  type TrainerOptions,
  tf,
} from '@draft/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../support/toy-model.js';

const step = (timestep: number): SamplerStep => ({
  ...{ timestep, inputScale: 1, a: 0.9, b: -0.4, h: 0, c: 0, p: 1.1, q: -0.5 },
});

/** The last two of three steps learn. */
const lastTwo: GradientPolicy = {
  validate() {},
  plan: ({ steps }) => ({ steps, train: [2, 1], stop: 0, detachInput: false, cutState: 2, copies: 0 }),
};

const scored = (score: (images: Tensor4D) => Tensor): Reward => ({
  differentiable: true,
  perSample: true,
  score: (images) => tf.tidy(() => score(images) as Tensor1D),
  dispose() {},
});

const brightness = scored((images) => tf.mean(images, [1, 2, 3]));
const darkness = scored((images) => tf.mul(tf.mean(images, [1, 2, 3]), -2));
const redness = scored((images) => tf.mean(tf.slice(images, [0, 0, 0, 0], [-1, -1, -1, 1]), [1, 2, 3]));
const contrast = scored((images) =>
  tf.mean(tf.square(tf.sub(images, tf.mean(images, [1, 2, 3], true))), [1, 2, 3]),
);

describe('several rewards', () => {
  let runtime: Runtime;
  const made: { dispose(): void }[] = [];
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
  });
  afterEach(() => {
    for (const each of made.splice(0)) each.dispose();
  });

  const start = (changes: Partial<TrainerOptions>): Trainer => {
    const model = createToyModel();
    const trainer = createTrainer({
      ...{ runtime, model, algorithm: lastTwo, prompts: ['a fox', 'an owl'], rewards: [] },
      table: { initialNoiseScale: 1, steps: [step(900), step(500), step(100)] },
      adapters: createLora(model.layers, { rank: 2, random: createRandomSource(5) }),
      ...{ height: 4, width: 4, guidance: 1, batch: 4, microBatch: 2, seed: 3, clip: 0 },
      learningRate: { base: 1e-2, iterations: 10 },
      ...changes,
    });
    made.push(trainer, model);
    return trainer;
  };
  const parameters = (trainer: Trainer) =>
    Object.entries(trainer.state().tensors).flatMap(([name, { data }]) =>
      name.startsWith('lora.') ? Array.from(data) : [],
    );

  it('are logged with their gradient norms and the cosines between them', async () => {
    const trainer = start({
      rewards: [
        { name: 'brightness', reward: brightness, weight: 3 },
        { name: 'darkness', reward: darkness, weight: 1 },
        { name: 'redness', reward: redness, weight: 1 },
      ],
    });
    const { figures = {} } = await trainer.iterate();
    // The gradients are 1/48 at 48 numbers, twice that downwards, and 1/16 at the 16 red ones.
    const expected = {
      'gradientNorm.brightness': 1 / Math.sqrt(48),
      'gradientNorm.darkness': 2 / Math.sqrt(48),
      'gradientNorm.redness': 1 / 4,
      'cosine.brightness.darkness': -1,
      'cosine.brightness.redness': 1 / Math.sqrt(3),
      'cosine.darkness.redness': -1 / Math.sqrt(3),
    };
    expect(Object.keys(figures)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(expected)) expect(figures[name]).toBeCloseTo(value, 5);
  });

  it('add nothing to the metrics where there is one', async () => {
    const trainer = start({ rewards: [{ name: 'brightness', reward: brightness, weight: 1 }] });
    expect((await trainer.iterate()).figures).toBeUndefined();
  });

  it('count by their weights alone where they are normalised', async () => {
    const bright = (scale: number) => scored((images) => tf.mul(tf.mean(images, [1, 2, 3]), scale));
    const normalised = start({
      normaliseRewards: true,
      rewards: [
        { name: 'bright', reward: bright(1000), weight: 1 },
        { name: 'red', reward: redness, weight: -0.5 },
      ],
    });
    const byHand = start({
      rewards: [
        { name: 'bright', reward: brightness, weight: Math.sqrt(48) },
        { name: 'red', reward: redness, weight: -0.5 * 4 },
      ],
    });
    for (let i = 0; i < 3; i += 1) {
      await normalised.iterate();
      await byHand.iterate();
    }
    const expected = parameters(byHand);
    // The gradients of these rewards have one norm everywhere, so its running mean is it, to float32.
    for (const [i, value] of parameters(normalised).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  it('go on to the bit from a saved state, running norms included', async () => {
    const rewards = [
      { name: 'contrast', reward: contrast, weight: 1 },
      { name: 'red', reward: redness, weight: 1 },
    ];
    const whole = start({ rewards, normaliseRewards: true });
    for (let i = 0; i < 2; i += 1) await whole.iterate();
    const saved = whole.state();
    for (let i = 0; i < 2; i += 1) await whole.iterate();
    const resumed = start({ rewards, normaliseRewards: true });
    resumed.restore(saved);
    for (let i = 0; i < 2; i += 1) await resumed.iterate();
    expect(parameters(resumed)).toEqual(parameters(whole));
  });

  it('leave no tensor behind', async () => {
    const trainer = start({
      normaliseRewards: true,
      rewards: [
        { name: 'contrast', reward: contrast, weight: 1 },
        { name: 'red', reward: redness, weight: 1 },
      ],
    });
    // The first iteration measures, and the second makes the optimiser's moments what they stay.
    for (let i = 0; i < 2; i += 1) await trainer.iterate();
    const before = tf.memory().numTensors;
    await trainer.iterate();
    expect(tf.memory().numTensors).toBe(before);
  });
});
