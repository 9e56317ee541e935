import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { type SamplerTable, type Tensor3D, type Tensor4D, tf } from '@draft/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion } from '../src/index.js';
import { openReferenceSet, type ReferenceSet, toHwc } from './reference-set.js';
import { relativeError } from './relative-error.js';
import { fixturePath } from './support/checkpoint-folder.js';
import { createTestRuntime } from './support/eager-runtime.js';
import { adaptersAt, openChains, type Run, runsOf, samplerOf } from './support/sampling-runs.js';

const readJson = <T>(name: string): T => JSON.parse(readFileSync(fixturePath(name), 'utf8')) as T;

describe.each(['tiny', 'small', 'linear-v'])('the pipeline %s', (set) => {
  const components = readJson<{ prompts: string[] }>(`${set}/components.json`);
  const chains = openChains(set);
  let reference: ReferenceSet;
  let model: StableDiffusion;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    await tf.ready();
    reference = openReferenceSet(set);
    model = await loadStableDiffusion(fixturePath(`${set}/pipeline`), { runtime: createTestRuntime() });
  });
  afterAll(() => model.dispose());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('gives the text states of its prompts', async () => {
    const { context } = await model.encode(components.prompts);
    expect(relativeError(context, reference.tensor('text.last_hidden_state'))).toBeLessThan(1e-5);
  });

  it('predicts noise from what its network predicts', () => {
    const latents = reference.tensor('unet.latents') as Tensor4D;
    const context = reference.tensor('unet.context') as Tensor3D;
    const alpha = model.schedule.alphasCumprod[601]!;
    for (const [key, adapters] of [
      ['unet.out', undefined],
      ['unet_lora.out', adaptersAt(reference, 1)],
    ] as const) {
      const out = reference.tensor(key);
      const expected =
        model.schedule.predictionType === 'epsilon'
          ? out
          : tf.add(tf.mul(out, Math.sqrt(alpha)), tf.mul(latents, Math.sqrt(1 - alpha)));
      const noise = model.predict(latents, tf.scalar(601), { context }, adapters);
      expect(relativeError(noise, expected), key).toBeLessThan(2e-5);
    }
  });

  it('goes from images to latents and back with the scaling of its checkpoint', () => {
    const { scaling_factor: scaling = 0.18215 } = readJson<{ scaling_factor?: number }>(
      `${set}/pipeline/vae/config.json`,
    );
    const images = tf.add(tf.mul(reference.tensor('vae.encode.image'), 0.5), 0.5) as Tensor4D;
    const mean = tf.mul(reference.tensor('vae.encode.mean'), scaling);
    expect(relativeError(model.encodeImages(images), mean)).toBeLessThan(2e-5);
    const latents = tf.mul(reference.tensor('vae.decode.latents'), scaling) as Tensor4D;
    const decoded = tf.add(tf.mul(reference.tensor('vae.decode.image'), 0.5), 0.5);
    expect(relativeError(model.decode(latents), decoded)).toBeLessThan(2e-5);
  });

  /** `x_next = a·x + b·ε + h·x̂₀' + c·z`, with `ε = ε_u + w (ε_c − ε_u)`. */
  async function sample(run: Run, table: SamplerTable) {
    const noises = chains.has(run, 'noises') ? tf.unstack(chains.stored(run, 'noises')) : [];
    const adapters = run.lora === undefined ? undefined : adaptersAt(reference, run.lora);
    // Both halves of the guidance in one batch, as diffusers has them.
    const context = await model.encode([...run.prompts.map(() => run.negative ?? ''), ...run.prompts]);
    let x = tf.mul(toHwc(chains.stored(run, 'latents')), table.initialNoiseScale) as Tensor4D;
    let clean = tf.zerosLike(x);
    const states: Tensor4D[] = [];
    for (const step of table.steps) {
      const seen = tf.mul(x, step.inputScale) as Tensor4D;
      const both = model.predict(tf.concat([seen, seen]), tf.scalar(step.timestep), context, adapters);
      const [base, guided] = tf.split(both, 2) as [Tensor4D, Tensor4D];
      const noise: Tensor4D = tf.add(base, tf.mul(run.guidance, tf.sub(guided, base)));
      const terms = [tf.mul(step.a, x), tf.mul(step.b, noise), tf.mul(step.h, clean)];
      if (step.c !== 0) terms.push(tf.mul(step.c, toHwc(noises.shift()!)));
      clean = tf.add(tf.mul(step.p, x), tf.mul(step.q, noise));
      x = tf.addN(terms) as Tensor4D;
      states.push(x);
    }
    return {
      states,
      images: tf.clipByValue(model.decode(x), 0, 1),
      expected: (key: string) => toHwc(chains.stored(run, key)),
    };
  }

  it.each(
    runsOf(set).map(
      (run) =>
        [`${run.name}: ${run.sampler}, guidance ${run.guidance}, lora ${run.lora ?? 'none'}`, run] as const,
    ),
  )('samples what diffusers samples, run %s', async (_, run) => {
    expect(model.latentShape(run.height, run.width)).toEqual(
      toHwc(chains.stored(run, 'latents')).shape.slice(1),
    );
    const table = samplerOf(run).table(run.steps, model.schedule);
    const { states, images, expected } = await sample(run, table);
    const between = tf.unstack(chains.stored(run, 'states')).map(toHwc);
    between.forEach((state, i) => {
      expect(relativeError(states[i]!, state), `state ${i + 1}`).toBeLessThan(1e-4);
    });
    expect(relativeError(states.at(-1)!, expected('final'))).toBeLessThan(1e-4);
    expect(relativeError(images, expected('images'))).toBeLessThan(1e-4);
  });
});
