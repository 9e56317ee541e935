import {
  type Adapters,
  adapterRecord,
  adaptersFrom,
  createLora,
  createRandomSource,
  createRuntime,
  createSamplingWeights,
  disposeSampling,
  packCoefficients,
  type Runtime,
  type SamplerTable,
  samplingRecord,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
  trainedNames,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToyModel } from '../../core/test/support/toy-model.js';
import { compileSurrogateGradient } from '../src/surrogate-gradient.js';

const clipRange = 0.05;

describe.each(['cpu', 'wasm', 'tensorflow'] as const)('the surrogate on %s', (backend) => {
  let runtime: Runtime;
  let table: SamplerTable;
  let adapters: Adapters;
  const model = { current: undefined as ReturnType<typeof createToyModel> | undefined };

  beforeAll(async () => {
    runtime = await createRuntime({ backend });
    model.current = createToyModel();
    table = ddim.create({ eta: 1 }).table(4, model.current.schedule);
    const random = createRandomSource(2);
    adapters = createLora(model.current.layers, { rank: 2, random });
    const [layer] = adapters.get('toy.to_q')!;
    adapters = new Map([
      ['toy.to_q', [{ ...layer!, up: tf.tensor2d(random.child('up').normal(6), [3, 2]) }]],
    ]);
  });
  afterAll(() => model.current?.dispose());

  /** One noisy step of three samples, as the toy takes it with its adapters. */
  const sampled = async () => {
    const step = table.steps[1]!;
    const normal = (key: string) =>
      tf.tensor4d(
        createRandomSource(4)
          .child(key)
          .normal(3 * 4 * 4 * 3),
        [3, 4, 4, 3],
      );
    const latents = normal('x');
    const prompts = ['a', 'bb', 'ccc'];
    const both = [
      (await model.current!.encode(['', '', ''])).context,
      (await model.current!.encode(prompts)).context,
    ];
    const context = tf.concat(both, 0) as Tensor3D;
    const coefficients = packCoefficients(step);
    const next = tf.tidy(() => {
      const predict = (part: Tensor3D) =>
        model.current!.predict(latents, tf.scalar(step.timestep), { context: part }, adapters);
      const [unconditional, conditional] = both.map((part) => predict(part)) as [Tensor4D, Tensor4D];
      const noise = tf.add(unconditional, tf.mul(2, tf.sub(conditional, unconditional)));
      const mean = tf.add(tf.mul(step.a, latents), tf.mul(step.b, noise));
      return tf.add(mean, tf.mul(step.c, normal('z')));
    });
    const advantages = tf.tensor1d([1.5, -1, 0.5]);
    return { latents, next, context, coefficients, advantages };
  };

  const compile = () =>
    compileSurrogateGradient({ runtime, model: model.current!, guidance: 2, adapters }, clipRange);

  it('has a ratio of exactly 1 at the adapters that sampled, and then no longer', async () => {
    const inputs = await sampled();
    const surrogate = compile();
    const first = await surrogate({ ...inputs, ...adapterRecord(adapters) });
    expect(Array.from(first.ratio!.dataSync())).toEqual([1, 1, 1]);
    // The log-probability of what was drawn is that of its noise: −mean(z²) / 2 is about −½.
    for (const value of first.logProbability!.dataSync()) expect(value).toBeCloseTo(-0.5, 0);
    const again = await surrogate({ ...inputs, ...adapterRecord(adapters), old: first.logProbability! });
    expect(Array.from(again.ratio!.dataSync())).toEqual([1, 1, 1]);
    const moved = Object.fromEntries(
      Object.entries(adapterRecord(adapters)).map(([name, tensor]) => [name, tf.mul(tensor, 1.1)]),
    );
    const later = await surrogate({ ...inputs, ...moved, old: first.logProbability! });
    for (const ratio of later.ratio!.dataSync()) expect(ratio).not.toBe(1);
    surrogate.dispose();
  });

  it('is differentiated as finite differences do, clipped samples and others', async () => {
    const inputs = await sampled();
    const surrogate = compile();
    const old = (await surrogate({ ...inputs, ...adapterRecord(adapters) })).logProbability!;
    // Far enough that the first sample gains too much and is clipped.
    const shifted = tf.add(old, tf.tensor1d([-0.2, 0.02, 0.01]));
    const sampling = await createSamplingWeights({ model: model.current!, table, guidance: 2 }, [
      'guidance',
      'negative',
    ]);
    const record = { ...adapterRecord(adapters), ...samplingRecord(sampling) };
    const result = await surrogate({ ...inputs, ...record, old: shifted });
    const ratios = Array.from(result.ratio!.dataSync());
    expect(ratios.map((ratio) => Math.abs(ratio - 1) > clipRange)).toEqual([true, false, false]);

    /** The objective as it is written down, from the log-probabilities alone. */
    const objective = async (changed: Record<string, Tensor>) => {
      const { logProbability } = await surrogate({ ...inputs, ...changed, old: shifted });
      const [now, before, weights] = [logProbability!, shifted, inputs.advantages].map((x) => x.dataSync());
      return Array.from(now!).reduce((sum, value, i) => {
        const ratio = Math.exp(value - before![i]!);
        const clipped = Math.min(1 + clipRange, Math.max(1 - clipRange, ratio));
        return sum + Math.min(ratio * weights![i]!, clipped * weights![i]!);
      }, 0);
    };
    const names = trainedNames(adapters, record);
    expect(names).toHaveLength(4);
    for (const name of names) {
      const tensor = record[name] as Tensor;
      const direction = tf.tensor(createRandomSource(8).child(name).normal(tensor.size), tensor.shape);
      const at = (h: number) => objective({ ...record, [name]: tf.add(tensor, tf.mul(direction, h)) });
      // Steps keep the ratio on its side; float32 leaves 1e-7 of a value near 1, over a slope that is small where what guides
      // sampling moves.
      const h = name.startsWith('lora.') ? 2e-3 : 4e-2;
      const difference = ((await at(h)) - (await at(-h))) / (2 * h);
      const along = tf.sum(tf.mul(result[name]!, direction)).dataSync()[0]!;
      expect(Math.abs(difference / along - 1), name).toBeLessThan(5e-3);
    }
    expect(adaptersFrom(record, adapters).size).toBe(1);
    disposeSampling(sampling);
    surrogate.dispose();
  });
});
