import { readFileSync } from 'node:fs';
import {
  type Adapters,
  adapterRecord,
  createPlanEstimator,
  createRuntime,
  type Plan,
  type PlanEstimator,
  type Runtime,
  readLora,
  readSafetensors,
  type Sampler,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import dpmpp from '@draft/sampler-dpmpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

interface ReferencePlan extends Plan {
  readonly name: string;
  readonly sampler: 'ddim' | 'ddim-eta-1' | 'ddpm' | 'dpmpp';
}

const index = JSON.parse(readFileSync(fixturePath('tiny/plans.json'), 'utf8')) as {
  readonly prompts: string[];
  readonly guidance: number;
  readonly plans: readonly ReferencePlan[];
};
const reference = readSafetensors(fixturePath('tiny/plans.safetensors')).tensors;

const samplers: Record<ReferencePlan['sampler'], Sampler> = {
  ddim: ddim.create({ eta: 0 }),
  'ddim-eta-1': ddim.create({ eta: 1 }),
  ddpm: ddpm.create({}),
  dpmpp: dpmpp.create({ karras: false }),
};

/** One entry along the first axis of a stored tensor. */
const entry = (name: string, i: number) => {
  const { shape, data } = reference.get(name)!;
  const size = data.length / shape[0]!;
  return { shape: shape.slice(1), data: data.slice(i * size, (i + 1) * size) };
};

const latentsLast = ({ shape, data }: { shape: readonly number[]; data: Float32Array }): Tensor4D =>
  tf.tidy(() => {
    const first: Tensor = tf.tensor(data, [...shape]);
    return tf.transpose(first, [0, 2, 3, 1]) as Tensor4D;
  });

/** Largest difference relative to the largest reference number. */
const distance = (actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number) =>
  Array.from(actual).reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0) / scale;

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** One of each kind for the back end that only calls functions. */
const few = ['draft-2', 'draft-lv', 'draft-lv single reward', 'refl', 'drtune-early', 'draft-full dpmpp'];

describe.each([
  ['tensorflow', 0, index.plans.map(({ name }) => name)],
  ['tensorflow', 2, index.plans.map(({ name }) => name)],
  ['wasm', 0, few],
] as const)(
  'gradients of whole plans on %s, %d steps kept, against an unrolled chain in PyTorch',
  (backend, keptSteps, names) => {
    let runtime: Runtime;
    let model: StableDiffusion;
    let adapters: Adapters;
    const estimators = new Map<string, PlanEstimator>();

    beforeAll(async () => {
      runtime = await createRuntime({ backend });
      model = await loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime });
      adapters = readLora(fixturePath('tiny/lora/pytorch_lora_weights.safetensors'), model.layers);
    });
    afterAll(() => {
      for (const estimator of estimators.values()) estimator.dispose();
      tf.dispose(adapterRecord(adapters));
      model.dispose();
    });

    const estimatorFor = (name: ReferencePlan['sampler'], steps: number): PlanEstimator => {
      const known = estimators.get(name);
      if (known) return known;
      const table = samplers[name].table(steps, model.schedule);
      const chain = { runtime, model, table, guidance: index.guidance, adapters, keptSteps };
      const reward = symmetry.create({ axis: 'left-right' } as never, { runtime, log: () => {} });
      const made = createPlanEstimator(chain, [{ name: 'symmetry', reward: reward as never, weight: 1 }]);
      estimators.set(name, made);
      return made;
    };

    const cases = index.plans.map((plan, i) => [plan.name, plan, i] as const);
    it.each(cases.filter(([name]) => names.includes(name)))('%s', async (_, plan, i) => {
      const estimator = estimatorFor(plan.sampler, plan.steps);
      const conditional = (await model.encode(index.prompts)).context;
      const unconditional = (await model.encode(index.prompts.map(() => ''))).context;
      const context = tf.concat([unconditional, conditional], 0);
      const initial = reference.get('latents')!;
      const scale = samplers[plan.sampler].table(plan.steps, model.schedule).initialNoiseScale;
      const latents = tf.tidy(() => tf.mul(latentsLast(initial), scale)) as Tensor4D;
      const inputs = {
        plan,
        adapters,
        latents,
        context,
        noise: (t: number) => latentsLast(entry('noises', plan.steps - t)),
        copyNoise: (copy: number) => latentsLast(entry('copies', copy)),
        prepared: {},
      };
      const first = await estimator.estimate(inputs);
      tf.dispose([
        first.gradients as Record<string, Tensor>,
        first.images,
        first.latents,
        first.latentGradient,
        first.scores.symmetry!,
      ]);
      const before = runtime.memory();
      const result = await estimator.estimate(inputs);

      const scores = entry('rewards', i);
      expect(distance(result.scores.symmetry!.dataSync(), scores.data, largest(scores.data))).toBeLessThan(
        1e-4,
      );
      const expected = Object.keys(result.gradients).map((key) => {
        const [, layer, side] = /^lora\.0\.(.+)\.(down|up)$/.exec(key)!;
        return [
          key,
          entry(`gradient.unet.${layer}.lora_${side === 'down' ? 'A' : 'B'}.weight`, i).data,
        ] as const;
      });
      expect(expected.length).toBe(Object.keys(adapterRecord(adapters)).length);
      const most = Math.max(...expected.map(([, data]) => largest(data)));
      expect(most).toBeGreaterThan(0);
      for (const [key, data] of expected) {
        // Ours is the sum over the two samples, the reference their mean. Float32 against float64.
        const ours = result.gradients[key]!.dataSync().map((value) => value / 2);
        expect(distance(ours, data, most), key).toBeLessThan(2e-4);
      }
      tf.dispose([
        result.gradients as Record<string, Tensor>,
        result.images,
        result.latents,
        result.latentGradient,
      ]);
      result.scores.symmetry!.dispose();
      expect(runtime.memory()).toMatchObject({
        tensors: before.tensors,
        backendTensors: before.backendTensors,
      });
      tf.dispose([conditional, unconditional, context, latents]);
    });
  },
);
