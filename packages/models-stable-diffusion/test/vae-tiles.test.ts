import {
  createRuntime,
  type Runtime,
  readSafetensors,
  recomputed,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion } from '../src/index.js';
import { decodeInTiles } from '../src/vae/tiled-decode.js';
import { createVae, type Vae } from '../src/vae/vae.js';
import { parseVaeConfig } from '../src/vae/vae-config.js';
import { openReferenceSet, toHwc } from './reference-set.js';
import { relativeError } from './relative-error.js';
import { fixturePath } from './support/checkpoint-folder.js';

describe('decoding in tiles', () => {
  let runtime: Runtime;
  let vae: Vae;
  const { tensors } = readSafetensors(fixturePath('xl/tiles.safetensors'));
  const stored = (name: string): Tensor4D => {
    const { data, shape } = tensors.get(name)!;
    return tf.tidy(() => toHwc(tf.tensor(data, [...shape])) as Tensor4D);
  };

  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    const reference = openReferenceSet('xl');
    vae = createVae(parseVaeConfig(reference.vaeConfig), reference.vaeWeights());
  });

  it('gives the picture and the gradient of diffusers, in a recorded graph', async () => {
    const { factor, decode } = vae;
    const decoded = (latents: Tensor) => decodeInTiles(decode, latents as Tensor4D, { side: 8, factor });
    const compiled = runtime.compile('tiles', ({ latents, cotangent }: Record<string, Tensor4D>) => ({
      image: decoded(latents!),
      gradient: tf.grad((x) => tf.sum(tf.mul(decoded(x), cotangent!)))(latents!),
    }));
    const before = runtime.memory().tensors;
    const inputs = { latents: stored('latents'), cotangent: stored('cotangent') };
    const expected = { image: stored('image'), gradient: stored('grad_latents') };
    const { image, gradient } = await compiled(inputs);
    // float32 on both sides, as with the whole autoencoder.
    expect(relativeError(image, expected.image)).toBeLessThan(2e-5);
    expect(relativeError(gradient, expected.gradient)).toBeLessThan(1e-4);
    tf.dispose([image, gradient, ...Object.values(inputs), ...Object.values(expected)]);
    compiled.dispose();
    expect(runtime.memory().tensors).toBe(before);
  }, 900_000);

  it('is decoding in one piece where one tile holds all', () => {
    tf.tidy(() => {
      const latents = tf.slice(stored('latents'), [0, 0, 0, 0], [1, 6, 6, 4]) as Tensor4D;
      const whole = vae.decode(latents);
      const tiled = decodeInTiles(vae.decode, latents, { side: 8, factor: vae.factor });
      expect(tiled.shape).toEqual(whole.shape);
      expect(relativeError(tiled, whole)).toBe(0);
    });
  }, 300_000);

  it('is what the model does when asked, and what it does with large pictures by itself', async () => {
    const models = await Promise.all(
      (['off', 'auto', 64] as const).map((vaeTiles) =>
        loadStableDiffusion(fixturePath('xl/pipeline'), { runtime }, undefined, {
          vaeTiles,
          checkpointing: 'off',
          imitatedGuidance: 8.5,
        }),
      ),
    );
    tf.tidy(() => {
      const latents = tf.mul(stored('latents'), 0.13025) as Tensor4D;
      const [off, auto, tiled] = models.map((model) => model.decode(latents)) as [Tensor, Tensor, Tensor];
      const expected = tf.add(tf.mul(stored('image'), 0.5), 0.5);
      expect(relativeError(tiled, expected)).toBeLessThan(2e-5);
      expect(relativeError(auto, off)).toBe(0);
      // Norms see a tile instead of the picture.
      expect(relativeError(off, expected)).toBeGreaterThan(1e-3);
    });
    for (const model of models) model.dispose();
  }, 300_000);
});

describe('a recomputed function', () => {
  let before: string;
  beforeAll(async () => {
    before = tf.getBackend();
    await tf.setBackend('cpu');
  });
  afterAll(async () => {
    await tf.setBackend(before);
  });

  it('has the gradient of the function, also twice within another gradient, and leaves nothing behind', () => {
    const x = tf.tensor1d([0.3, -0.7, 1.1]);
    const body = (input: Tensor) => tf.mul(tf.sin(input), tf.exp(input));
    const twice = (f: (input: Tensor) => Tensor) =>
      tf.grad((input) => tf.sum(tf.square(f(tf.add(f(input), input)))))(x);
    const tensors = tf.memory().numTensors;
    tf.tidy(() => {
      const again = recomputed(body);
      expect(relativeError(twice(again), twice(body))).toBeLessThan(1e-6);
      expect(relativeError(again(x), body(x))).toBe(0);
      // Gradients that are taken afterwards are not disturbed.
      expect(relativeError(tf.grad(body)(x), tf.grad(again)(x))).toBeLessThan(1e-6);
    });
    expect(tf.memory().numTensors).toBe(tensors);
    x.dispose();
  });
});
