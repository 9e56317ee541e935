import { createDraft } from '@draft/algorithm-draft';
import {
  type Adapters,
  adapterRecord,
  createPlanEstimator,
  createRandomSource,
  createRuntime,
  drawNoise,
  type PlanEstimator,
  readLora,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

const steps = 4;
const shape = [4, 4, 4] as const;

describe('memory of DRaFT-K', () => {
  const random = createRandomSource(1);
  let model: StableDiffusion;
  let adapters: Adapters;
  let estimator: PlanEstimator;
  let context: Tensor3D;
  let latents: Tensor4D;

  beforeAll(async () => {
    // Without graphs every tensor is TensorFlow.js's own, and its profiler sees the most bytes there ever are.
    const runtime = await createRuntime({ backend: 'wasm' });
    model = await loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime });
    adapters = readLora(fixturePath('tiny/lora/pytorch_lora_weights.safetensors'), model.layers);
    const reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
    const table = ddim.create({ eta: 0 }).table(steps, model.schedule);
    const chain = { runtime, model, table, guidance: 1, adapters };
    estimator = createPlanEstimator(chain, [{ name: 'symmetry', reward, weight: 1 }]);
    ({ context } = await model.encode(['a cat']));
    latents = drawNoise(random, [0], shape, 'initial');
  });
  afterAll(() => {
    estimator.dispose();
    tf.dispose([latents, context, ...Object.values(adapterRecord(adapters))]);
    model.dispose();
  });

  const peak = async (k: number): Promise<number> => {
    const plan = createDraft({ k }).plan({ steps, random, iteration: 0 });
    const noise = () => tf.zerosLike(latents);
    const { peakBytes } = await tf.profile(async () => {
      const inputs = { plan, adapters, latents, context, noise, copyNoise: noise, prepared: {} };
      const result = await estimator.estimate(inputs);
      tf.dispose([result.images, result.latents, result.latentGradient, result.scores.symmetry as Tensor]);
      tf.dispose(Object.values(result.gradients));
      return [];
    });
    return peakBytes;
  };

  it('grows by one latent for each more step, and by no activations', async () => {
    const peaks: number[] = [];
    for (let k = 2; k <= steps; k += 1) peaks.push(await peak(k));
    const growth = peaks.slice(1).map((bytes, i) => bytes - peaks[i]!);
    expect(growth).toEqual(growth.map(() => 4 * latents.size));
  }, 120_000);
});
