import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import {
  type Adapters,
  createGenerator,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '@draft/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPooledRows } from '../src/conditioning/pooled-rows.js';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { openReferenceSet, type ReferenceSet, toHwc } from './reference-set.js';
import { relativeError } from './relative-error.js';
import { fixturePath } from './support/checkpoint-folder.js';
import { createTestRuntime } from './support/eager-runtime.js';
import { adaptersAt, openChains, type Run, runsOf, samplerOf } from './support/sampling-runs.js';

/** Runs the chain that training runs, and compares its end with that of diffusers. */
async function compareRun(set: string, model: StableDiffusion, run: Run, adapters: Adapters) {
  const chains = openChains(set);
  const stored = (key: string) => chains.stored(run, key);
  const noises = chains.has(run, 'noises') ? tf.unstack(stored('noises')).map(toHwc) : [];
  const noise = toHwc(stored('latents')) as Tensor4D;
  expect(noise.shape.slice(1)).toEqual([...model.latentShape(run.height, run.width)]);
  const generator = createGenerator({
    runtime: createTestRuntime(),
    model,
    table: samplerOf(run).table(run.steps, model.schedule),
    // A latent consistency model has its guidance built in.
    guidance: run.sampler === 'lcm' ? 1 : run.guidance,
    adapters,
    negativePrompt: run.negative ?? '',
  });
  const stepNoise = () => noises.shift() as Tensor4D;
  const made = await generator.generate({ prompts: run.prompts, noise, stepNoise, adapters });
  generator.dispose();
  // The reference draws noise for the last ancestral step too, and takes none of it.
  expect(noises).toHaveLength(run.sampler === 'euler-ancestral' ? 1 : 0);
  const states = tf.unstack(stored('states')).map(toHwc);
  // float32 on both sides; each step adds its rounding to that of those before.
  expect(relativeError(made.latents, states.at(-1)!)).toBeLessThan(1e-4);
  expect(relativeError(made.images, toHwc(stored('images')))).toBeLessThan(1e-4);
}

describe('the small SDXL', () => {
  const { pack, unpack } = createPooledRows(24, 12);
  let reference: ReferenceSet;
  let model: StableDiffusion;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    await tf.ready();
    reference = openReferenceSet('xl');
    model = await loadStableDiffusion(fixturePath('xl/pipeline'), { runtime: createTestRuntime() });
  });
  afterAll(() => model.dispose());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('tells about itself', () => {
    expect(model.description).toMatch(/^Stable Diffusion XL, predicts noise, UNet of 0\.\d+ M parameters$/);
    expect(model.architecture).toBe('sdxl_base_v1-0');
    expect(model.imageSize).toEqual({ height: 64, width: 64 });
    expect(model.schedule).toMatchObject({ timestepSpacing: 'leading', setAlphaToOne: true });
  });

  it('gives the states of both text encoders and the pooled text, and zeros for the empty prompt', async () => {
    const { prompts } = JSON.parse(readFileSync(fixturePath('xl/components.json'), 'utf8')) as {
      prompts: string[];
    };
    const { context } = await model.encode(prompts);
    const { states, pooled } = unpack(context);
    expect(relativeError(states, reference.tensor('text.states'))).toBeLessThan(1e-5);
    expect(relativeError(pooled, reference.tensor('text.pooled'))).toBeLessThan(1e-5);
    const empty = (await model.encode([''])).context;
    expect(empty.shape).toEqual([1, ...context.shape.slice(1)]);
    expect(empty.dataSync().every((value) => value === 0)).toBe(true);
  });

  it.each([
    ['unet', 0],
    ['unet_lora', 1],
  ])('predicts as the reference %s, with all gradients', (key, scale) => {
    const layers = scale ? [...reference.lora.keys()] : [];
    const variables = [
      reference.tensor('unet.latents'),
      reference.tensor('unet.context'),
      reference.tensor('unet.pooled'),
      ...layers.flatMap((layer) => [reference.lora.get(layer)!.down, reference.lora.get(layer)!.up]),
    ];
    const predict = (...[latents, context, pooled, ...parts]: Tensor[]) => {
      const adapters: Adapters = new Map(
        layers.map((layer, index) => [
          layer,
          [{ down: parts[2 * index]!, up: parts[2 * index + 1]!, scale: 1 }],
        ]),
      );
      const conditioning = { context: pack(context as Tensor3D, pooled as Tensor2D) };
      return model.predict(latents as Tensor4D, tf.scalar(601), conditioning, adapters);
    };
    expect(relativeError(predict(...variables), reference.tensor(`${key}.out`))).toBeLessThan(2e-5);
    const cotangent = reference.tensor('unet.cotangent');
    const loss = (...tensors: Tensor[]) => tf.sum(tf.mul(predict(...tensors), cotangent));
    const gradients = tf.grads(loss as never)(variables);
    const names = [
      ...['grad_latents', 'grad_context', 'grad_pooled'],
      ...layers.flatMap((layer) => ['A', 'B'].map((side) => `grad.unet.${layer}.lora_${side}.weight`)),
    ];
    expect(names).toHaveLength(gradients.length);
    names.forEach((name, index) => {
      const expected = reference.tensor(`${key}.${name}`);
      expect(relativeError(gradients[index]!, expected), name).toBeLessThan(1e-4);
    });
  });

  it('goes from images to latents and back with its own scaling', () => {
    const images = tf.add(tf.mul(reference.tensor('vae.encode.image'), 0.5), 0.5) as Tensor4D;
    const mean = tf.mul(reference.tensor('vae.encode.mean'), 0.13025);
    expect(relativeError(model.encodeImages(images), mean)).toBeLessThan(2e-5);
    const latents = tf.mul(reference.tensor('vae.decode.latents'), 0.13025) as Tensor4D;
    const decoded = tf.add(tf.mul(reference.tensor('vae.decode.image'), 0.5), 0.5);
    expect(relativeError(model.decode(latents), decoded)).toBeLessThan(2e-5);
  });

  it('keeps a pooled text that is wider than a row of states', () => {
    expect(createPooledRows(4, 9).pack(tf.ones([2, 3, 4]), tf.ones([2, 9])).shape).toEqual([2, 6, 4]);
    const wide = createPooledRows(4, 9);
    const pooled = tf.range(0, 18).reshape([2, 9]) as Tensor2D;
    expect(wide.unpack(wide.pack(tf.ones([2, 3, 4]), pooled)).pooled.arraySync()).toEqual(pooled.arraySync());
  });

  it.each(runsOf('xl').map((run) => [`${run.name}: ${run.sampler}`, run] as const))(
    'samples what diffusers samples, run %s',
    async (_, run) => {
      await compareRun(
        'xl',
        model,
        run,
        run.lora === undefined ? new Map() : adaptersAt(reference, run.lora),
      );
    },
  );
});

describe('the small latent consistency model', () => {
  let model: StableDiffusion;
  beforeAll(async () => {
    await tf.setBackend('wasm');
    await tf.ready();
    model = await loadStableDiffusion(fixturePath('lcm/pipeline'), { runtime: createTestRuntime() });
  });
  afterAll(() => model.dispose());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it.each(runsOf('lcm').map((run) => [`${run.steps} steps`, run] as const))(
    'samples what diffusers samples, %s',
    async (_, run) => {
      expect(model.description).toMatch(
        /^Stable Diffusion, distilled \(latent consistency\), predicts noise/,
      );
      await compareRun('lcm', model, run, new Map());
    },
  );
});
