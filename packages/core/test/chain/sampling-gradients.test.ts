import {
  type Adapters,
  createPlanEstimator,
  createRuntime,
  createSamplingWeights,
  type DiffusionModel,
  disposeAdapters,
  disposeSampling,
  type Plan,
  type Runtime,
  type SamplingWeights,
  type Tensor3D,
  type Tensor4D,
  type TrainedPart,
  tf,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import dpmpp from '@draft/sampler-dpmpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovedLora } from '../support/toy-lora.js';
import { createToyModel } from '../support/toy-model.js';
import { bent } from '../support/toy-rewards.js';

const steps = 4;
const guidance = 2.5;
const shape: [number, number, number, number] = [2, 4, 4, 3];

const plan = (train: readonly number[], more: Partial<Plan> = {}): Plan => ({
  ...{ steps, train, stop: 0, detachInput: false, cutState: null, copies: 0 },
  ...more,
});

const plans: readonly [string, Plan][] = [
  ['DRaFT', plan([4, 3, 2, 1])],
  ['DRaFT-2', plan([2, 1], { cutState: 2 })],
  ['DRaFT-LV', plan([1], { cutState: 1, copies: 2 })],
  ['ReFL', plan([2], { stop: 2, cutState: 2 })],
  ['DRTune', plan([4, 2], { stop: 1, detachInput: true })],
  ['DRTune that stops untrained', plan([4, 3], { stop: 2, detachInput: true })],
  ['one live step of the whole chain', plan([3])],
];

const samplers = {
  ddim: ddim.create({ eta: 0 }),
  ddpm: ddpm.create({}),
  dpmpp: dpmpp.create({ karras: false }),
};

/** What is differentiated, as numbers. */
interface Point {
  readonly guidance: readonly number[];
  readonly negative: readonly number[];
}

describe.each(['cpu', 'tensorflow'] as const)('gradients of what guides sampling, on %s', (backend) => {
  let runtime: Runtime;
  let model: DiffusionModel;
  let adapters: Adapters;
  beforeAll(async () => {
    runtime = await createRuntime({ backend });
    // Pictures that no clamp touches, as its gradient is a straight-through one.
    model = { ...createToyModel(), decode: (latents) => tf.sigmoid(tf.mul(latents, 0.5)) };
    adapters = createMovedLora(model);
  });
  afterAll(() => {
    disposeAdapters(adapters);
    model.dispose();
  });

  const drawn = (seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed) as Tensor4D;
  const tableOf = (sampler: keyof typeof samplers) => samplers[sampler].table(steps, model.schedule);
  const sampleContext = async () => (await model.encode(['', '', 'a cat', 'a long dog'])).context as Tensor3D;
  /** Weights that differ from step to step. */
  const startOf = (): Point => ({ guidance: [1.5, 4, 2.5, 3], negative: [0.4, -0.9, 0.1] });

  const weightsOf = async ({ guidance: weights, negative }: Point, sampler: keyof typeof samplers) => {
    const fresh = await createSamplingWeights({ model, table: tableOf(sampler), guidance }, [
      'guidance',
      'negative',
    ]);
    const { timesteps } = fresh.guidance!;
    tf.dispose([fresh.guidance!.weights, fresh.negative!]);
    return {
      guidance: { timesteps, weights: tf.tensor1d([...weights]) },
      negative: tf.tensor3d([...negative], [1, 1, 3]),
    } satisfies SamplingWeights;
  };

  const estimate = async (
    used: Plan,
    sampler: keyof typeof samplers,
    train?: readonly TrainedPart[],
    sampling?: SamplingWeights,
  ) => {
    const options = { runtime, model, table: tableOf(sampler), guidance, adapters };
    const estimator = createPlanEstimator(train ? { ...options, train } : options, [
      { name: 'bent', weight: 1, reward: bent },
    ]);
    const weights = sampling ?? (await weightsOf(startOf(), sampler));
    const [context, latents] = [await sampleContext(), drawn(9)];
    const request = {
      plan: used,
      adapters,
      sampling: weights,
      latents,
      context,
      noise: (t: number) => drawn(20 + t),
      copyNoise: (i: number) => drawn(40 + i),
      prepared: {},
    };
    const run = async () => {
      const result = await estimator.estimate(request);
      const gradients = Object.fromEntries(
        Object.entries(result.gradients).map(([name, gradient]) => [name, [...gradient.dataSync()]]),
      );
      tf.dispose([result.gradients as never, result.scores as never]);
      tf.dispose([result.images, result.latents, result.latentGradient]);
      return gradients;
    };
    await run();
    const before = runtime.memory();
    const gradients = await run();
    const after = runtime.memory();
    estimator.dispose();
    tf.dispose([context, latents]);
    if (!sampling) disposeSampling(weights);
    return {
      gradients,
      leaked: [after.tensors - before.tensors, after.backendTensors - before.backendTensors],
    };
  };

  /**
   * `Σ_i score_i` with `point` at the steps that train and `held` at the others, where everything that the plan detaches
   * is as it was with `held`: plain tensor code, one step after the other, without any of the chain's.
   */
  const objective = async (used: Plan, sampler: keyof typeof samplers, held: Point) => {
    const table = tableOf(sampler);
    const context = await sampleContext();
    const [, conditional] = tf.split(context, 2) as [Tensor3D, Tensor3D];
    const noiseAt = (input: Tensor4D, t: number, { guidance: weights, negative }: Point) => {
      const { timestep, inputScale } = table.steps[steps - t]!;
      const scaled = tf.mul(input, inputScale) as Tensor4D;
      const time = tf.scalar(timestep);
      const own = tf.tile(tf.tensor3d([...negative], [1, 1, 3]), [2, 1, 1]);
      const with_ = model.predict(scaled, time, { context: conditional }, adapters);
      const without = model.predict(scaled, time, { context: own }, adapters);
      return tf.add(without, tf.mul(weights[steps - t]!, tf.sub(with_, without))) as Tensor4D;
    };
    const score = (latents: Tensor4D) => tf.sum(bent.score(model.decode(latents), {})).dataSync()[0]!;
    const walk = (point: Point, seen?: readonly { x: Tensor4D; before: Tensor4D }[]) => {
      const states: { x: Tensor4D; before: Tensor4D }[] = [];
      let x = tf.mul(drawn(9), table.initialNoiseScale) as Tensor4D;
      let before = tf.zerosLike(x) as Tensor4D;
      for (let t = steps; t >= 1; t--) {
        const { a, b, c, h, p, q } = table.steps[steps - t]!;
        const nominal = seen?.[steps - t];
        if (nominal && t === used.cutState) ({ x, before } = nominal);
        states.push({ x, before });
        const input = nominal && used.detachInput ? nominal.x : x;
        const noise = noiseAt(input, t, used.train.includes(t) ? point : held);
        const clean = tf.add(tf.mul(p, x), tf.mul(q, noise)) as Tensor4D;
        if (t === used.stop) return { states, finished: clean };
        const fresh = c === 0 ? tf.zerosLike(x) : drawn(20 + t);
        x = tf.addN([tf.mul(a, x), tf.mul(b, noise), tf.mul(h, before), tf.mul(c, fresh)]) as Tensor4D;
        before = clean;
      }
      return { states, finished: x };
    };
    const nominal = walk(held);
    return (point: Point) =>
      tf.tidy(() => {
        let total = score(walk(point, nominal.states).finished);
        const last = Math.max(used.stop, 1);
        const { a, b, p, q } = table.steps[steps - last]!;
        for (let i = 0; i < used.copies; i++) {
          const x = tf.div(tf.sub(nominal.finished, tf.mul(q, drawn(40 + i))), p) as Tensor4D;
          total += score(tf.add(tf.mul(a, x), tf.mul(b, noiseAt(x, last, point))) as Tensor4D);
        }
        return total;
      });
  };

  const cases = plans.flatMap(([name, used]) =>
    (Object.keys(samplers) as (keyof typeof samplers)[])
      .filter((sampler) => sampler === 'ddim' || used.copies === 0)
      .map((sampler) => [name, sampler, used] as const),
  );
  /** One of each kind where graphs are recorded, which takes long. */
  const few = new Set(['DRaFT', 'DRaFT-LV', 'DRTune']);
  const own = cases.filter(([name, sampler]) => backend === 'cpu' || (few.has(name) && sampler === 'ddim'));
  it.each(own)(
    '%s with %s: those of differences, and nothing is left behind',
    async (_, sampler, used) => {
      const { gradients, leaked } = await estimate(used, sampler);
      expect(leaked).toEqual([0, 0]);
      const start = startOf();
      const value = await objective(used, sampler, start);
      const distance = 0.05;
      const slope = (key: keyof Point, i: number) => {
        const at = (by: number) =>
          value({ ...start, [key]: start[key].map((number, j) => (j === i ? number + by : number)) });
        // Of fourth order, so that a distance at which float32 is exact enough is short enough.
        return (
          (8 * (at(distance) - at(-distance)) - (at(2 * distance) - at(-2 * distance))) / (12 * distance)
        );
      };
      for (const key of ['guidance', 'negative'] as const) {
        const expected = start[key].map((_, i) => slope(key, i));
        const found = gradients[`sampling.${key}`]!;
        expect(found).toHaveLength(expected.length);
        const largest = Math.max(...expected.map(Math.abs));
        expect(largest).toBeGreaterThan(1e-4);
        expected.forEach((number, i) => {
          // A sum of scores of about 1 is exact to some 1e-7, its slope so to 5e-6.
          expect(Math.abs(number - found[i]!), `${key} ${i}`).toBeLessThan(5e-3 * largest + 1e-5);
        });
      }
      // A step that does not train has no gradient in its weight.
      used.train.length < steps &&
        gradients['sampling.guidance']!.forEach((number, i) => {
          if (!used.train.includes(steps - i)) expect(number).toBe(0);
        });
    },
    300_000,
  ); // some hundred chains without a graph, which takes long beside other work

  it('gives only what is asked for, the same whatever else is', async () => {
    const [, used] = plans[1]!;
    const whole = (await estimate(used, 'ddim')).gradients;
    const lora = Object.keys(whole).filter((name) => name.startsWith('lora.'));
    expect(lora).toHaveLength(2);
    for (const train of [['guidance'], ['lora', 'negative']] as const) {
      const part = (await estimate(used, 'ddim', train)).gradients;
      const names = [...(train.includes('lora' as never) ? lora : []), `sampling.${train.at(-1)}`];
      expect(Object.keys(part).sort()).toEqual(names.sort());
      for (const [name, numbers] of Object.entries(part)) {
        // The graph may put sums in another order.
        numbers.forEach((number, i) => {
          expect(number).toBeCloseTo(whole[name]![i]!, 5);
        });
      }
    }
  });

  it('leaves the gradient of the LoRA as it is where nothing was learnt yet', async () => {
    const [, used] = plans[0]!;
    const fresh = await createSamplingWeights({ model, table: tableOf('ddim'), guidance }, [
      'guidance',
      'negative',
    ]);
    const plain = (await estimate(used, 'ddim', undefined, {})).gradients;
    const learnt = (await estimate(used, 'ddim', undefined, fresh)).gradients;
    disposeSampling(fresh);
    for (const [name, numbers] of Object.entries(plain)) {
      numbers.forEach((number, i) => {
        expect(learnt[name]![i]).toBeCloseTo(number, 6);
      });
    }
  });
});
