import {
  type Adapters,
  adapterRecord,
  createLora,
  createRandomSource,
  createRuntime,
  createTrainer,
  type EstimatorAlgorithm,
  type Iteration,
  type MeasuredReward,
  type Runtime,
  type SampleGroup,
  type Trainer,
  tf,
} from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../support/toy-model.js';
import { bright } from '../support/toy-rewards.js';

const size: MeasuredReward = {
  differentiable: false,
  perSample: true,
  measure: async (pictures) => pictures.map(() => 1),
  dispose: () => {},
};

describe('a trainer whose algorithm brings its own estimator', () => {
  let runtime: Runtime;
  let model: ReturnType<typeof createToyModel>;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'cpu' });
    model = createToyModel();
  });
  afterAll(() => model.dispose());

  /** What the estimator was told, by iteration. */
  interface Seen {
    readonly samples: { readonly prompts: readonly string[]; readonly noise: number }[];
    readonly parameters: number[];
  }

  const firstOf = (adapters: Adapters) => adapterRecord(adapters)['lora.0.toy.to_q.up']!.dataSync()[0]!;

  /** Makes as many updates an iteration as `gradients` says, each by a gradient of that number everywhere. */
  const start = (gradients: (index: number) => readonly number[], saved = new Float32Array(1)) => {
    const seen: Seen[] = [];
    const algorithm: EstimatorAlgorithm = {
      differentiatesRewards: false,
      validate: () => {},
      createEstimator: () => ({
        async iterate({ index, groups, adapters, judged, update }: Iteration) {
          const look = (group: SampleGroup) => {
            const noise = group.noise('step', 3);
            const total = Array.from(noise.dataSync()).reduce((sum, value) => sum + value, 0);
            noise.dispose();
            return { prompts: group.prompts, noise: total };
          };
          const parameters = [firstOf(adapters())];
          seen.push({ samples: groups.map(look), parameters });
          for (const { prompts } of groups)
            judged({ light: prompts.map(() => 0.5), size: prompts.map(() => 1) });
          for (const value of gradients(index)) {
            const record = Object.fromEntries(
              Object.entries(adapterRecord(adapters())).map(([name, tensor]) => [
                name,
                tf.fill(tensor.shape, value),
              ]),
            );
            try {
              await update(record);
            } finally {
              tf.dispose(record);
            }
            parameters.push(firstOf(adapters()));
          }
          saved[0]! += 1;
          return { figures: { updates: parameters.length - 1 } };
        },
        state: () => ({ saved: { shape: [1], data: saved.slice() } }),
        restore: (state) => {
          saved[0] = state.saved!.data[0]!;
        },
        dispose: () => {},
      }),
    };
    const trainer = createTrainer({
      runtime,
      model,
      table: { initialNoiseScale: 1, steps: [] },
      algorithm,
      rewards: [
        { name: 'light', reward: bright, weight: 2 },
        { name: 'size', reward: size, weight: -1 },
      ],
      adapters: createLora(model.layers, { rank: 1, random: createRandomSource(1) }),
      prompts: ['a', 'bb', 'ccc'],
      height: 4,
      width: 4,
      guidance: 1,
      batch: 4,
      microBatch: 3,
      accumulate: 2,
      learningRate: { base: 0.1, iterations: 9 },
      weightDecay: 0,
      clip: 0,
      seed: 3,
    });
    return { trainer, seen };
  };

  const numbers = (from: Trainer) =>
    Object.entries(from.state().tensors).map(([name, { data }]) => [name, Array.from(data)]);

  it('makes several updates, uphill, and reports the iteration', async () => {
    const { trainer, seen } = start(() => [4, 4]);
    const report = await trainer.iterate();
    // AdamW's first steps have the length of the learning rate whatever the gradient's.
    const [before, first, second] = seen[0]!.parameters as [number, number, number];
    expect(first - before).toBeCloseTo(0.1, 5);
    expect(second - first).toBeCloseTo(0.1, 5);
    expect(report).toMatchObject({
      iteration: 1,
      rewardQueries: 8,
      reward: 0,
      rewards: { light: 0.5, size: 1 },
      figures: { updates: 2 },
    });
    // Seven parameters of rank 1 (four in, three out), each a gradient of 4 over 8 samples.
    expect(report.gradientNorm).toBeCloseTo(Math.sqrt(7) / 2, 5);
    trainer.dispose();
  });

  it('gives groups the same samples again, and others in the next iteration', async () => {
    const one = start(() => [1]);
    const two = start(() => [2]);
    for (const { trainer } of [one, two]) {
      await trainer.iterate();
      await trainer.iterate();
      trainer.dispose();
    }
    expect(one.seen.map(({ samples }) => samples)).toEqual(two.seen.map(({ samples }) => samples));
    expect(one.seen[0]!.samples.map(({ prompts }) => prompts.length)).toEqual([3, 3, 2]);
    const noises = one.seen.flatMap(({ samples }) => samples.map(({ noise }) => noise));
    expect(new Set(noises).size).toBe(noises.length);
  });

  it('returns to the start of an iteration whose second update fails', async () => {
    const failing = new Set([1]);
    const { trainer } = start((index) => [1, failing.has(index) ? Number.NaN : 1]);
    const { trainer: undisturbed } = start(() => [1, 1]);
    await trainer.iterate();
    const before = numbers(trainer);
    const tensors = runtime.memory().tensors;
    await expect(trainer.iterate()).rejects.toThrow(
      /The gradient of light \+ size became NaN in iteration 2/,
    );
    expect(numbers(trainer)).toEqual(before);
    expect(runtime.memory().tensors).toBe(tensors);
    failing.clear();
    await trainer.iterate();
    await undisturbed.iterate();
    await undisturbed.iterate();
    expect(numbers(trainer)).toEqual(numbers(undisturbed));
    trainer.dispose();
    undisturbed.dispose();
  });

  it('goes on from a saved state to the bit, the estimator’s own included', async () => {
    const { trainer: undisturbed } = start(() => [1, -2, 3]);
    for (let i = 0; i < 3; i++) await undisturbed.iterate();
    const { trainer: interrupted } = start(() => [1, -2, 3]);
    await interrupted.iterate();
    const { trainer: resumed } = start(() => [1, -2, 3]);
    resumed.restore(interrupted.state());
    await resumed.iterate();
    expect(await resumed.iterate()).toMatchObject({ iteration: 3, rewardQueries: 24 });
    expect(numbers(resumed)).toEqual(numbers(undisturbed));
    expect(resumed.state().tensors).toMatchObject({
      'count.updates': { data: Float32Array.of(9) },
      'algorithm.saved': { data: Float32Array.of(3) },
    });
    for (const each of [undisturbed, interrupted, resumed]) each.dispose();
  });

  it('reads a state from before updates and queries were counted', async () => {
    const { trainer: from } = start(() => [1]);
    await from.iterate();
    const { iteration, tensors } = from.state();
    const old = Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('count.')));
    const { trainer: resumed } = start(() => [1]);
    resumed.restore({ iteration, tensors: old });
    expect(await resumed.iterate()).toMatchObject({ iteration: 2, rewardQueries: 16 });
    await from.iterate();
    expect(numbers(resumed)).toEqual(numbers(from));
    for (const each of [from, resumed]) each.dispose();
  });
});
