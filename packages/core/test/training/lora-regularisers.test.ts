import draft from '@draft/algorithm-draft';
import {
  type AdaptableLayer,
  adapterRecord,
  createLora,
  createRandomSource,
  createRuntime,
  createTrainer,
  linear,
  type Runtime,
  type Tensor,
  type Tensor2D,
  type TrainerOptions,
  tf,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawLoraDropout } from '../../src/training/lora-dropout.js';
import { createMovingAverage } from '../../src/training/moving-average.js';
import { createToyModel } from '../support/toy-model.js';
import { bright } from '../support/toy-rewards.js';

const numbers = (tensor: Tensor | undefined) => Array.from(tensor?.dataSync() ?? []);

describe('drawLoraDropout', () => {
  const layer: AdaptableLayer = { name: 'a', inFeatures: 400, outFeatures: 3, convolution: false };
  const parameters = () =>
    adapterRecord(createLora([layer], { rank: 2, random: createRandomSource(1) })) as Record<
      string,
      Tensor2D
    >;

  it('is a dropout of the input features, which keeps their mean', () => {
    const record = parameters();
    const dropout = drawLoraDropout(0.25, createRandomSource(3), record);
    const { 'lora.0.a.down': masked, 'lora.0.a.up': up } = dropout.apply(record);
    const ratios = numbers(tf.div(masked as Tensor, record['lora.0.a.down'] as Tensor));
    // Row by row the same features.
    expect(ratios.slice(0, 400).map(Boolean)).toEqual(ratios.slice(400).map(Boolean));
    const kept = ratios.slice(0, 400).filter((ratio) => ratio !== 0);
    for (const ratio of kept) expect(ratio).toBeCloseTo(4 / 3, 5);
    // Within three standard deviations of a binomial draw.
    expect(Math.abs(kept.length - 300)).toBeLessThan(26);

    // `s · B A (m ∘ x)` of a network that knows no dropout.
    const x = tf.randomNormal([5, 400], 0, 1, 'float32', 4);
    const mask = tf.tensor1d(ratios.slice(0, 400));
    const weight = tf.zeros([3, 400]);
    const [some, whole] = [tf.randomNormal([3, 2], 0, 1, 'float32', 5), record['lora.0.a.down'] as Tensor2D];
    const actual = linear(x, { weight }, [{ down: masked as Tensor, up: some, scale: 0.5 }]);
    const expected = linear(tf.mul(x, mask), { weight }, [{ down: whole, up: some, scale: 0.5 }]);
    numbers(expected).forEach((value, i) => {
      expect(numbers(actual)[i]).toBeCloseTo(value, 5);
    });
    expect(up).toBe(record['lora.0.a.up']);
    dropout.dispose();
    expect((masked as Tensor).isDisposed).toBe(true);
    expect(whole.isDisposed).toBe(false);
  });

  it('follows from its random numbers, and refuses what is no rate', () => {
    const record = parameters();
    const masked = (seed: number) =>
      numbers(drawLoraDropout(0.5, createRandomSource(seed), record).apply(record)['lora.0.a.down']);
    expect(masked(1)).toEqual(masked(1));
    expect(masked(1)).not.toEqual(masked(2));
    expect(() => drawLoraDropout(1, createRandomSource(1), record)).toThrow(
      'The rate of LoRA dropout must be in [0, 1), not 1.',
    );
  });
});

describe('createMovingAverage', () => {
  it('runs in over the first iterations, then keeps its decay', async () => {
    const runtime = await createRuntime({ backend: 'cpu' });
    const of = (value: number) => ({ a: tf.tensor1d([value]) });
    const average = createMovingAverage(runtime, 0.5, of(1));
    await average.update(of(4), 1);
    // (1 + 1) / (10 + 1) of the start is kept.
    expect(numbers(average.values().a)[0]).toBeCloseTo((2 * 1 + 9 * 4) / 11, 5);
    const before = numbers(average.values().a)[0] as number;
    await average.update(of(10), 50);
    expect(numbers(average.values().a)[0]).toBeCloseTo((before + 10) / 2, 5);
    const other = createMovingAverage(runtime, 0.5, of(0));
    other.restore(average.state());
    expect(numbers(other.values().a)).toEqual(numbers(average.values().a));
    average.dispose();
    other.dispose();
    expect(() => createMovingAverage(runtime, 1, of(0))).toThrow(/must lie between 0 and 1, not 1/);
  });
});

describe('a trainer with dropout and a moving average', () => {
  let runtime: Runtime;
  let model: ReturnType<typeof createToyModel>;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'cpu' });
    model = createToyModel();
  });
  afterAll(() => model.dispose());

  const start = (more: Partial<TrainerOptions> = {}) =>
    createTrainer({
      ...{ runtime, model, guidance: 2, height: 4, width: 4, prompts: ['a', 'bc'], batch: 4, seed: 5 },
      table: ddim.create({ eta: 0 } as never).table(4, model.schedule),
      algorithm: draft.create({ k: 2 } as never),
      rewards: [{ name: 'light', reward: bright, weight: 1 }],
      adapters: createLora(model.layers, { rank: 2, random: createRandomSource(2) }),
      learningRate: { base: 1e-2, iterations: 6 },
      ...more,
    });
  const run = async (count: number, more: Partial<TrainerOptions>) => {
    const trainer = start(more);
    for (let i = 0; i < count; i++) await trainer.iterate();
    return trainer;
  };
  const values = (tensors: Record<string, Tensor>) => Object.values(tensors).map(numbers);

  it('goes on to the bit, whatever the micro-batch was, and leaks nothing', async () => {
    const options = { loraDropout: 0.4, ema: 0.9 };
    const whole = await run(6, options);
    const first = await run(3, options);
    const rest = start(options);
    rest.restore(first.state());
    // The first one encodes the empty prompt for all.
    await rest.iterate();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 2; i++) await rest.iterate();
    expect(tf.memory().numTensors).toBe(before);
    for (const pick of ['adapters', 'averaged'] as const) {
      expect(values(adapterRecord(rest[pick]() ?? new Map()))).toEqual(
        values(adapterRecord(whole[pick]() ?? new Map())),
      );
    }
    const split = await run(6, { ...options, microBatch: 1 });
    // The order of sums changes with the micro-batch.
    values(adapterRecord(split.adapters())).forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(values(adapterRecord(whole.adapters()))[i]?.[j] as number, 4);
      });
    });
    const plain = await run(6, {});
    expect(plain.averaged()).toBeUndefined();
    expect(values(adapterRecord(plain.adapters()))).not.toEqual(values(adapterRecord(whole.adapters())));
    for (const trainer of [whole, first, rest, split, plain]) trainer.dispose();
  });
});
