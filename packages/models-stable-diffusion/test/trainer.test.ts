import draft from '@draft/algorithm-draft';
import draftLv from '@draft/algorithm-draft-lv';
import drtune from '@draft/algorithm-drtune';
import {
  createLora,
  createRandomSource,
  createRuntime,
  createTrainer,
  type GradientPolicy,
  type Reward,
  type Runtime,
  selectLoraLayers,
  type Tensor1D,
  type Tensor4D,
  type Trainer,
  type TrainerOptions,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

describe('training on the tiny pipeline', () => {
  let runtime: Runtime;
  let model: StableDiffusion;
  let reward: Reward;
  const made: Trainer[] = [];

  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    model = await loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime });
    reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
  });
  afterAll(() => {
    for (const trainer of made) trainer.dispose();
    reward.dispose();
    model.dispose();
  });

  const start = (changes: Partial<TrainerOptions> = {}): Trainer => {
    const random = createRandomSource(3);
    const trainer = createTrainer({
      runtime,
      model,
      table: ddim.create({ eta: 0 }).table(4, model.schedule),
      algorithm: drtune.create({ k: 2, m: 2 }),
      rewards: [{ name: 'symmetry', reward, weight: 1 }],
      adapters: createLora(selectLoraLayers(model.layers, ['attention']), { rank: 4, random }),
      prompts: ['a photo of a cat', 'a dog', ''],
      height: 16,
      width: 16,
      guidance: 2,
      batch: 4,
      learningRate: { base: 1e-2, iterations: 10 },
      seed: 7,
      ...changes,
    });
    made.push(trainer);
    return trainer;
  };

  const numbers = (trainer: Trainer): Float32Array[] =>
    Object.values(trainer.state().tensors).map(({ data }) => data);

  it.each([
    ['a micro-batch of 2', { microBatch: 2 }],
    ['a micro-batch of 3', { microBatch: 3 }],
    ['two accumulated batches of 2', { batch: 2, accumulate: 2 }],
  ] as const)('takes the same step with %s, and with noise drawn while sampling', async (_, split) => {
    const table = ddpm.create({}).table(4, model.schedule);
    const whole = await start({ table }).iterate();
    const parts = await start({ table, ...split }).iterate();
    // Sums in another order: float32 rounding only.
    expect(parts.reward).toBeCloseTo(whole.reward, 5);
    expect(Math.abs(parts.gradientNorm / whole.gradientNorm - 1)).toBeLessThan(1e-4);
    expect(parts.rewardQueries).toBe(4);
    expect(parts.plan).toEqual(whole.plan);
  });

  it.each([
    ['a picture', draft.create({ k: 1 }), 4],
    ['each noisy copy', draftLv.create({ n: 2, singleReward: false }), 12],
    ['no copy that reuses the gradient', draftLv.create({ n: 2, singleReward: true }), 4],
  ])('counts as a reward query %s', async (_, algorithm, each) => {
    const trainer = start({ algorithm });
    await trainer.iterate();
    expect(await trainer.iterate()).toMatchObject({ iteration: 2, rewardQueries: 2 * each });
  });

  it('goes on from a saved state to the bit', async () => {
    const undisturbed = start();
    for (let i = 0; i < 3; i++) await undisturbed.iterate();
    const interrupted = start();
    await interrupted.iterate();
    const saved = interrupted.state();
    const resumed = start();
    await resumed.iterate();
    resumed.restore(saved);
    const reports = [await resumed.iterate(), await resumed.iterate()];
    expect(reports.map(({ iteration }) => iteration)).toEqual([2, 3]);
    expect(numbers(resumed)).toEqual(numbers(undisturbed));
  });

  it('refuses the state of another LoRA', async () => {
    const random = createRandomSource(3);
    const other = start({
      adapters: createLora(selectLoraLayers(model.layers, ['attention']), { rank: 2, random }),
    });
    await other.iterate();
    expect(() => start().restore(other.state())).toThrow(/does not fit this LoRA.*the rank and the targets/);
  });

  it('ends every iteration with as many tensors as it began with', async () => {
    const policies: GradientPolicy[] = [
      drtune.create({ k: 2, m: 2 }),
      draft.create({ k: 2 }),
      draft.create({ k: 'all' }),
    ];
    for (const policy of policies) {
      const trainer = start({ algorithm: policy });
      for (let i = 0; i < 3; i++) await trainer.iterate();
      const before = runtime.memory();
      for (let i = 0; i < 4; i++) await trainer.iterate();
      const after = runtime.memory();
      expect(after.tensors).toBe(before.tensors);
      expect(after.backendTensors).toBe(before.backendTensors);
    }
  });

  it('raises the reward', async () => {
    const trainer = start({ batch: 8 });
    const rewards: number[] = [];
    for (let i = 0; i < 25; i++) rewards.push((await trainer.iterate()).reward);
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    expect(mean(rewards.slice(-5))).toBeGreaterThan(mean(rewards.slice(0, 5)) + 0.1);
  });

  it('gives DRaFT-K with K = T and DRaFT the same update', async () => {
    const all = start({ algorithm: draft.create({ k: 'all' }) });
    const four = start({ algorithm: draft.create({ k: 4 }) });
    await all.iterate();
    await four.iterate();
    expect(numbers(four)).toEqual(numbers(all));
  });

  it('stops at a reward that is no number and keeps the LoRA as it was', async () => {
    let calls = 0;
    const broken: Reward = {
      differentiable: true,
      perSample: true,
      prepare: () => ({ factor: tf.scalar(calls++ < 1 ? 1 : Number.NaN) }),
      score: (images: Tensor4D, { factor }) => tf.mul(tf.mean(images, [1, 2, 3]), factor!) as Tensor1D,
      dispose: () => {},
    };
    const trainer = start({ rewards: [{ name: 'broken', reward: broken, weight: 1 }] });
    await trainer.iterate();
    const before = numbers(trainer);
    const failure = trainer.iterate();
    await expect(failure).rejects.toMatchObject({ code: 'DRAFT_NON_FINITE' });
    await expect(failure).rejects.toThrow(/The reward broken became NaN in iteration 2/);
    expect(numbers(trainer)).toEqual(before);
  });
});
