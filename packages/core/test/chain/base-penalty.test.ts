import {
  type Adapters,
  adapterRecord,
  adaptersFrom,
  createDenoisingChain,
  createLora,
  createPlanEstimator,
  createRandomSource,
  createRuntime,
  disposeAdapters,
  guidedNoise,
  type Plan,
  type Runtime,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovedLora } from '../support/toy-lora.js';
import { createToyModel } from '../support/toy-model.js';
import { bright } from '../support/toy-rewards.js';

const guidance = 2;
const random = createRandomSource(5);

const plan: Plan = { steps: 4, train: [4, 3, 1], stop: 0, detachInput: true, cutState: null, copies: 0 };

describe('the base penalty', () => {
  let runtime: Runtime;
  let model: ReturnType<typeof createToyModel>;
  let fresh: Adapters;
  let moved: Adapters;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'cpu' });
    model = createToyModel();
    fresh = createLora(model.layers, { rank: 2, alpha: 2, random });
    moved = createMovedLora(model);
  });
  afterAll(() => {
    disposeAdapters(fresh);
    disposeAdapters(moved);
    model.dispose();
  });

  const table = () => ddim.create({ eta: 0 } as never).table(4, model.schedule);
  const base = (adapters: Adapters) => ({ runtime, model, table: table(), guidance, adapters });
  const inputs = async () => {
    const { context } = await model.encode(['', '', 'a cat', 'a long dog']);
    return {
      context: context as Tensor3D,
      latents: tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 9) as Tensor4D,
    };
  };

  const gradients = async (adapters: Adapters, basePenalty: number, used: Plan, klPenalty = 0) => {
    const estimator = createPlanEstimator({ ...base(adapters), basePenalty, klPenalty }, [
      { name: 'bright', weight: 1, reward: bright },
    ]);
    const { context, latents } = await inputs();
    const draw = () => tf.randomNormal([2, 4, 4, 3], 0, 1, 'float32', 13) as Tensor4D;
    const result = await estimator.estimate({
      plan: used,
      adapters,
      latents,
      context,
      noise: draw,
      copyNoise: draw,
      prepared: {},
    });
    const values = Object.entries(result.gradients).map(([name, gradient]) => [
      name,
      [...gradient.dataSync()],
    ]);
    tf.dispose([context, latents, result.images, result.latents, result.latentGradient]);
    tf.dispose([Object.values(result.gradients), Object.values(result.scores)]);
    estimator.dispose();
    return Object.fromEntries(values) as Record<string, number[]>;
  };

  /** `∇ Σ_t Σ_i mean((ε − ε_base)²)` over the trained steps of the chain, without any of the estimator's code. */
  const distanceGradients = async (adapters: Adapters, weightOf: (t: number) => number = () => 1) => {
    const chain = createDenoisingChain(base(adapters));
    const { context, latents } = await inputs();
    const sums: Record<string, number[]> = {};
    let state = { latents, clean: tf.zerosLike(latents) };
    for (let t = 4; t >= 1; t--) {
      if (plan.train.includes(t)) {
        const { timestep, inputScale } = chain.step(t);
        const scaled = tf.mul(state.latents, inputScale) as Tensor4D;
        const noise = (own?: Adapters) =>
          guidedNoise(model, scaled, tf.scalar(timestep), context, guidance, own);
        const record = adapterRecord(adapters);
        const names = Object.keys(record);
        const distance = (...tensors: Tensor[]) => {
          const own = adaptersFrom(
            Object.fromEntries(names.map((name, i) => [name, tensors[i] as Tensor])),
            adapters,
          );
          return tf.mul((weightOf(t) * 2) / 96, tf.sum(tf.squaredDifference(noise(own), noise())));
        };
        const parts = tf.grads(distance)(names.map((name) => record[name] as Tensor));
        names.forEach((name, i) => {
          const values = [...(parts[i] as Tensor).dataSync()];
          sums[name] = values.map((value, j) => value + (sums[name]?.[j] ?? 0));
        });
      }
      state = await chain.denoise(t, state, context, adapters);
    }
    chain.dispose();
    return sums;
  };

  it.each([plan, { ...plan, train: [2, 1], detachInput: false }])(
    'is nothing while the LoRA is: $train',
    async (used) => {
      const [off, on] = [await gradients(fresh, 0, used), await gradients(fresh, 5, used)];
      for (const [name, values] of Object.entries(off)) {
        values.forEach((value, i) => {
          expect(on[name]?.[i]).toBeCloseTo(value, 6);
        });
      }
    },
  );

  it('takes the gradient of the distance to the base noise, once for each trained step', async () => {
    const weight = 0.7;
    const [off, on] = [await gradients(moved, 0, plan), await gradients(moved, weight, plan)];
    const distance = await distanceGradients(moved);
    for (const [name, values] of Object.entries(distance)) {
      expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1e-3);
      values.forEach((value, i) => {
        expect((off[name]?.[i] as number) - (on[name]?.[i] as number)).toBeCloseTo(weight * value, 5);
      });
    }
  });

  it('takes the gradient of the divergence of each trained step of DDPM, from means and variance', async () => {
    const kl = 3;
    const [off, on] = [await gradients(moved, 0, plan), await gradients(moved, 0, plan, kl)];
    const { steps } = table();
    // Ho et al., equation 7: the mean from the clean prediction, with the variance β of equation 3.
    const weightOf = (t: number) => {
      const at = (step?: { p: number }) => (step === undefined ? 1 : 1 / step.p ** 2);
      const [now, next] = [at(steps[4 - t]), at(steps[5 - t])];
      const beta = 1 - now / next;
      const cleanPerNoise = -Math.sqrt(1 - now) / Math.sqrt(now);
      const meanPerClean = (Math.sqrt(next) * beta) / (1 - now);
      return (meanPerClean * cleanPerNoise) ** 2 / (2 * beta);
    };
    const divergence = await distanceGradients(moved, weightOf);
    for (const [name, values] of Object.entries(divergence)) {
      expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(1e-4);
      values.forEach((value, i) => {
        expect((off[name]?.[i] as number) - (on[name]?.[i] as number)).toBeCloseTo(kl * value, 5);
      });
    }
  });

  it('holds the last step once, however many copies DRaFT-LV takes of it', async () => {
    const last = { ...plan, train: [1] };
    const difference = async (copies: number) => {
      const used = { ...last, copies };
      const [off, on] = [await gradients(moved, 0, used), await gradients(moved, 0.7, used)];
      return Object.entries(off).flatMap(([name, values]) =>
        values.map((value, i) => value - (on[name]?.[i] as number)),
      );
    };
    const [alone, copied] = [await difference(0), await difference(2)];
    alone.forEach((value, i) => {
      expect(copied[i]).toBeCloseTo(value, 5);
    });
  });
});
