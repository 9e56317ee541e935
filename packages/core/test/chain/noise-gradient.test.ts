import {
  type Adapters,
  createLora,
  createNoiseGradient,
  createRandomSource,
  createRuntime,
  disposeAdapters,
  drawNoise,
  type NoiseGradientEstimator,
  type Runtime,
  type SamplerTable,
  type Tensor4D,
  tf,
} from '@draft/core';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import dpmpp from '@draft/sampler-dpmpp';
import euler from '@draft/sampler-euler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovedLora } from '../support/toy-lora.js';
import { createToyModel } from '../support/toy-model.js';
import { bent } from '../support/toy-rewards.js';

const steps = 4;
const shape = [4, 4, 3] as const;
const samples = [0, 1];
const prompts = ['a cat', 'a long dog'];
const random = createRandomSource(3);

// In float32 the sum of a batch's scores is exact to about 1e-6; over a distance of 2e-2 that is 5e-5 of a slope of 1.
const step = 1e-2;

describe('the gradient of a reward in the initial noise', () => {
  let runtime: Runtime;
  let model: ReturnType<typeof createToyModel>;
  let adapters: Adapters;
  let off: Adapters;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'cpu' });
    // Pictures that no clamp touches, as its gradient is a straight-through one.
    model = { ...createToyModel(), decode: (latents) => tf.sigmoid(tf.mul(latents, 0.05)) };
    // A fresh LoRA does nothing, as its second factor is zero.
    off = createLora(model.layers, { rank: 2, alpha: 2, random });
    adapters = createMovedLora(model);
  });
  afterAll(() => {
    disposeAdapters(adapters);
    disposeAdapters(off);
    model.dispose();
  });

  const take = async (estimator: NoiseGradientEstimator, noise: Tensor4D) => {
    const result = await estimator.estimate({
      prompts,
      noise,
      // Adapted in the first half of the chain only.
      adapters: (t) => (t > 2 ? adapters : off),
      stepNoise: (t) => drawNoise(random, samples, shape, 'step', t),
      prepared: {},
    });
    const numbers = {
      gradient: Array.from(result.gradient.dataSync()),
      total: 3 * Array.from(result.scores.bent!.dataSync()).reduce((sum, score) => sum + score, 0),
    };
    tf.dispose([result.gradient, result.latents, result.images, ...Object.values(result.scores)]);
    return numbers;
  };

  const tables: Record<string, () => SamplerTable> = {
    ddim: () => ddim.create({ eta: 0 }).table(steps, model.schedule),
    'ddim with noise': () => ddim.create({ eta: 1 }).table(steps, model.schedule),
    ddpm: () => ddpm.create({}).table(steps, model.schedule),
    dpmpp: () => dpmpp.create({ karras: false }).table(steps, model.schedule),
    euler: () => euler.create({}).table(steps, model.schedule),
  };

  it.each([['ddim', 1] as const, ...Object.keys(tables).map((name) => [name, 3] as const)])(
    'agrees with differences through %s at guidance %d, and keeps no tensor',
    async (name, guidance) => {
      const table = tables[name]!();
      const chain = { runtime, model, table, guidance, adapters };
      const estimator = createNoiseGradient(chain, [{ name: 'bent', reward: bent, weight: 3 }]);
      const noise = drawNoise(random, samples, shape, 'initial');
      const { gradient, total } = await take(estimator, noise);
      expect((await take(estimator, noise)).gradient).toEqual(gradient);
      const before = tf.memory().numTensors;
      const norm = Math.hypot(...gradient);
      expect(norm).toBeGreaterThan(0.05);
      const at = async (direction: readonly number[], distance: number) => {
        const moved = tf.tidy(() =>
          tf.add(noise, tf.mul(distance, tf.tensor4d([...direction], [...noise.shape]))),
        ) as Tensor4D;
        const value = (await take(estimator, moved)).total;
        moved.dispose();
        return value;
      };
      const directions = [
        gradient.map((value) => value / norm),
        Array.from(createRandomSource(9).normal(gradient.length)),
      ];
      for (const direction of directions) {
        const slope = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
        const difference = ((await at(direction, step)) - (await at(direction, -step))) / (2 * step);
        // Rounding, above, and the third derivative times the square of the step.
        expect(Math.abs(difference - slope) / norm, `${difference} and ${slope}`).toBeLessThan(3e-3);
      }
      expect(await at(directions[0]!, step)).toBeGreaterThan(total);
      expect(tf.memory().numTensors).toBe(before);
      noise.dispose();
      estimator.dispose();
    },
  );
});
