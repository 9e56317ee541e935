import {
  adapterRecord,
  createPlanEstimator,
  createRandomSource,
  createRuntime,
  type Plan,
  type Runtime,
  readLora,
  type Tensor,
  type Tensor4D,
  type TensorRecord,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import { ddimTable } from '@draft/sampler-ddim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

const plans: readonly (readonly [string, Plan])[] = [
  ['DRaFT-3', { steps: 4, train: [1, 2, 3], stop: 0, detachInput: false, cutState: 3, copies: 0 }],
  ['DRTune', { steps: 4, train: [1, 3, 4], stop: 0, detachInput: true, cutState: null, copies: 0 }],
  ['an early stop', { steps: 4, train: [3, 4], stop: 2, detachInput: false, cutState: 4, copies: 0 }],
];

describe('steps that keep what they computed', () => {
  let runtime: Runtime;
  let model: StableDiffusion;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    model = await loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime });
  });
  afterAll(() => model.dispose());

  it.each(plans)('give %s to the bit, and leave nothing behind', async (_, plan) => {
    const adapters = readLora(fixturePath('tiny/lora/pytorch_lora_weights.safetensors'), model.layers);
    const { context: text } = await model.encode(['a fox', '']);
    const reward = symmetry.create({ axis: 'left-right' } as never, { runtime, log: () => {} });
    const random = createRandomSource(3, 'kept');
    const shape = [1, ...model.latentShape(16, 16)] as [number, number, number, number];
    const latents = tf.tensor4d(random.normal(shape.reduce((size, side) => size * side, 1)), shape);
    const table = ddimTable(plan.steps, model.schedule, { eta: 0, spacing: 'leading' });
    const gradientsWith = async (keptSteps: number): Promise<TensorRecord> => {
      const chain = { runtime, model, table, guidance: 2, adapters, basePenalty: 0.1, keptSteps };
      const estimator = createPlanEstimator(chain, [
        { name: 'symmetry', reward: reward as never, weight: 1 },
      ]);
      const inputs = {
        ...{ plan, adapters, latents, context: text, prepared: {} },
        noise: (): Tensor4D => tf.zerosLike(latents),
        copyNoise: (): Tensor4D => tf.zerosLike(latents),
      };
      const estimate = async () => {
        const { gradients, ...rest } = await estimator.estimate(inputs);
        tf.dispose([rest.scores as TensorRecord as never, rest.images, rest.latents, rest.latentGradient]);
        return gradients;
      };
      // The first one brings the LoRA over.
      tf.dispose((await estimate()) as never);
      const before = runtime.memory();
      const gradients = await estimate();
      expect(runtime.memory().backendTensors - before.backendTensors).toBe(Object.keys(gradients).length);
      estimator.dispose();
      return gradients;
    };
    const recomputed = await gradientsWith(0);
    for (const kept of [1, 9]) {
      const gradients = await gradientsWith(kept);
      for (const [name, gradient] of Object.entries(recomputed)) {
        expect((gradients[name] as Tensor).dataSync(), `${name}, ${kept} kept`).toEqual(gradient.dataSync());
      }
      tf.dispose(gradients as never);
    }
    tf.dispose([recomputed as never, latents, text, adapterRecord(adapters) as never]);
  });
});
