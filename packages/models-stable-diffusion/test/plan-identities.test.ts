import { createAlignprop } from '@draft/algorithm-alignprop';
import { createDraft } from '@draft/algorithm-draft';
import { createDraftLv } from '@draft/algorithm-draft-lv';
import { createDrtune } from '@draft/algorithm-drtune';
import { createRefl } from '@draft/algorithm-refl';
import {
  type Adapters,
  adapterRecord,
  createPlanEstimator,
  createRandomSource,
  createRuntime,
  drawNoise,
  type GradientPolicy,
  modifyPolicy,
  type Plan,
  type PlanEstimator,
  type Runtime,
  readLora,
  type SamplerTable,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type TensorRecord,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import dpmpp from '@draft/sampler-dpmpp';
import euler from '@draft/sampler-euler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

const steps = 3;
const guidance = 2;
const shape = [4, 6, 4] as const;
const prompts = ['a photo of a cat', 'a dog', ''];
const random = createRandomSource(5);

type Gradient = ReadonlyMap<string, Float32Array>;

/** `‖a − b‖ / ‖b‖` over all tensors. */
const distance = (a: Gradient, b: Gradient): number => {
  let difference = 0;
  let size = 0;
  for (const [name, values] of b) {
    const others = a.get(name);
    values.forEach((value, i) => {
      difference += ((others?.[i] ?? Number.NaN) - value) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(difference / size);
};

describe('gradients of plans that should agree', () => {
  let runtime: Runtime;
  let model: StableDiffusion;
  let adapters: Adapters;
  let context: Tensor3D;
  const estimators = new Map<SamplerTable, PlanEstimator>();
  const tables: Record<string, SamplerTable> = {};

  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'wasm' });
    model = await loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime });
    adapters = readLora(fixturePath('tiny/lora/pytorch_lora_weights.safetensors'), model.layers);
    tables.ddim = ddim.create({ eta: 0 }).table(steps, model.schedule);
    const toOne = { ...model.schedule, setAlphaToOne: true };
    tables['ddim to alpha 1'] = ddim.create({ eta: 0 }).table(steps, toOne);
    tables.ddpm = ddpm.create({}).table(steps, model.schedule);
    tables.dpmpp = dpmpp.create({ karras: false }).table(steps, model.schedule);
    tables.euler = euler.create({}).table(steps, model.schedule);
    const conditional = (await model.encode(prompts)).context;
    const unconditional = (await model.encode(prompts.map(() => ''))).context;
    context = tf.concat([unconditional, conditional], 0);
    tf.dispose([conditional, unconditional]);
  });
  afterAll(() => {
    for (const estimator of estimators.values()) estimator.dispose();
    tf.dispose(adapterRecord(adapters));
    context.dispose();
    model.dispose();
  });

  const estimatorFor = async (table: SamplerTable): Promise<PlanEstimator> => {
    const known = estimators.get(table);
    if (known) return known;
    const reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
    const chain = { runtime, model, table, guidance, adapters };
    const made = createPlanEstimator(chain, [{ name: 'symmetry', reward, weight: 1 }]);
    estimators.set(table, made);
    return made;
  };

  /** The sum over the samples with these numbers. */
  const gradientOf = async (
    table: SamplerTable,
    plan: Plan,
    samples: readonly number[] = [0, 1],
    contribution?: (t: number, gradients: TensorRecord) => void,
  ): Promise<Gradient> => {
    const estimator = await estimatorFor(table);
    const initial = drawNoise(random, samples, shape, 'initial');
    const latents = tf.mul(initial, table.initialNoiseScale) as Tensor4D;
    const rows = [...samples, ...samples.map((i) => i + prompts.length)];
    const own = tf.gather(context, tf.tensor1d(rows, 'int32')) as Tensor3D;
    const result = await estimator.estimate({
      plan,
      adapters,
      latents,
      context: own,
      noise: (t) => drawNoise(random, samples, shape, 'step', t),
      copyNoise: (i) => drawNoise(random, samples, shape, 'copy', i),
      prepared: {},
      ...(contribution ? { contribution } : {}),
    });
    const numbers = new Map(
      Object.entries(result.gradients).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]),
    );
    tf.dispose([initial, latents, own, result.latents, result.images, result.latentGradient]);
    tf.dispose([...Object.values(result.gradients), ...Object.values(result.scores)] as Tensor[]);
    return numbers;
  };

  const planOf = (policy: GradientPolicy, seed = 0): Plan =>
    policy.plan({ steps, random: createRandomSource(seed), iteration: 0 });

  const table = (name: string): SamplerTable => tables[name] as SamplerTable;

  it('DRaFT-K with K = T is DRaFT, to the bit', async () => {
    const all = await gradientOf(table('ddpm'), planOf(createDraft({ k: 'all' })));
    expect(await gradientOf(table('ddpm'), planOf(createDraft({ k: steps })))).toEqual(all);
  });

  it('DRaFT-LV without copies is DRaFT-1, to the bit', async () => {
    const one = await gradientOf(table('ddim'), planOf(createDraft({ k: 1 })));
    const plan = planOf(createDraftLv({ n: 0, singleReward: false }));
    expect(await gradientOf(table('ddim'), plan)).toEqual(one);
  });

  // There the last step ends on its own clean prediction: a = p and b = q, and no noise is added.
  it.each(['dpmpp', 'euler', 'ddpm', 'ddim to alpha 1'])(
    'ReFL with m = 1 is DRaFT-1 with %s',
    async (name) => {
      const refl = await gradientOf(table(name), planOf(createRefl({ m: 1 })));
      const one = await gradientOf(table(name), planOf(createDraft({ k: 1 })));
      // The same formula with coefficients that were computed otherwise.
      expect(distance(refl, one)).toBeLessThan(1e-4);
    },
  );

  it("ReFL with m = 1 is not DRaFT-1 where DDIM ends on the schedule's first noise level", async () => {
    const refl = await gradientOf(table('ddim'), planOf(createRefl({ m: 1 })));
    const one = await gradientOf(table('ddim'), planOf(createDraft({ k: 1 })));
    expect(distance(refl, one)).toBeGreaterThan(0.1);
  });

  it('ReFL is DRaFT-1 that ends early', async () => {
    const stopped = modifyPolicy(createDraft({ k: 1 }), { earlyStop: 2 });
    for (let seed = 0; seed < 4; seed += 1) {
      const { stop, ...rest } = planOf(stopped, seed);
      expect(rest).toEqual({ steps, train: [stop], detachInput: false, cutState: stop, copies: 0 });
    }
    const plan = planOf(stopped, 2);
    const refl = { ...planOf(createRefl({ m: 2 })), train: plan.train, stop: plan.stop, cutState: plan.stop };
    expect(await gradientOf(table('ddim'), refl)).toEqual(await gradientOf(table('ddim'), plan));
  });

  it('the gradient of DRaFT-K is what the last K steps of DRaFT add', async () => {
    const added = new Map<number, Gradient>();
    await gradientOf(table('ddpm'), planOf(createDraft({ k: 'all' })), [0, 1], (t, parts) => {
      const numbers = Object.entries(parts).map(([name, part]) => [name, part.dataSync()] as const);
      added.set(t, new Map(numbers as [string, Float32Array][]));
    });
    expect([...added.keys()]).toEqual([1, 2, 3]);
    for (const k of [1, 2]) {
      const sum = new Map(added.get(1));
      for (let t = 2; t <= k; t += 1) {
        for (const [name, values] of sum)
          sum.set(
            name,
            values.map((v, i) => v + added.get(t)!.get(name)![i]!),
          );
      }
      // The reward may be taped with the step before it, or not, and sums go in another order.
      expect(distance(sum, await gradientOf(table('ddpm'), planOf(createDraft({ k }))))).toBeLessThan(1e-4);
    }
  });

  it.each<[string, GradientPolicy]>([
    ['DRaFT-2', createDraft({ k: 2 })],
    ['DRaFT-LV', createDraftLv({ n: 1, singleReward: false })],
    ['DRaFT-LV with a single reward', createDraftLv({ n: 1, singleReward: true })],
    ['ReFL', createRefl({ m: 2 })],
    ['AlignProp', createAlignprop()],
    ['DRTune', createDrtune({ k: 2, m: 2 })],
  ])('%s is the same for any split into micro-batches', async (_, policy) => {
    const plan = planOf(policy, 3);
    const whole = await gradientOf(table('ddpm'), plan, [0, 1, 2]);
    const sum = new Map<string, Float32Array>();
    for (const samples of [[0, 1], [2]]) {
      for (const [name, values] of await gradientOf(table('ddpm'), plan, samples)) {
        sum.set(
          name,
          values.map((value, i) => value + (sum.get(name)?.[i] ?? 0)),
        );
      }
    }
    // Sums in another order: float32 rounding only.
    expect(distance(sum, whole)).toBeLessThan(1e-4);
  });
});
