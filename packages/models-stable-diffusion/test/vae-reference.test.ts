import '@tensorflow/tfjs-backend-wasm';
import { type Tensor, type Tensor4D, tf } from '@draft/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createVae, type Vae } from '../src/vae/vae.js';
import { parseVaeConfig } from '../src/vae/vae-config.js';
import { openReferenceSet, type ReferenceSet } from './reference-set.js';
import { relativeError } from './relative-error.js';

/** float32 on both sides, sums in another order: about 1e-6 is seen. */
const tolerance = 2e-5;

describe.each(['tiny', 'small', 'linear-v'])('the autoencoder against the reference %s', (name) => {
  let reference: ReferenceSet;
  let vae: Vae;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    reference = openReferenceSet(name);
    vae = createVae(parseVaeConfig(reference.vaeConfig), reference.vaeWeights());
  });
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const expectClose = (actual: Tensor, key: string) =>
    expect(relativeError(actual, reference.tensor(key)), key).toBeLessThan(tolerance);

  it('encodes images to the mean and the logarithm of the variance', () => {
    const { mean, logVariance } = vae.encode(reference.tensor('vae.encode.image') as Tensor4D);
    expectClose(mean, 'vae.encode.mean');
    expectClose(logVariance, 'vae.encode.logvar');
  });

  it('decodes latents', () => {
    expectClose(vae.decode(reference.tensor('vae.decode.latents') as Tensor4D), 'vae.decode.image');
  });

  it('has the gradient of the encoder in its images', () => {
    const cotangent = reference.tensor('vae.encode.cotangent');
    const gradient = tf.grad((x: Tensor) => tf.sum(tf.mul(vae.encode(x as Tensor4D).mean, cotangent)));
    expectClose(gradient(reference.tensor('vae.encode.image')), 'vae.encode.grad_image');
  });

  it('has the gradient of the decoder in its latents', () => {
    const cotangent = reference.tensor('vae.decode.cotangent');
    const gradient = tf.grad((z: Tensor) => tf.sum(tf.mul(vae.decode(z as Tensor4D), cotangent)));
    expectClose(gradient(reference.tensor('vae.decode.latents')), 'vae.decode.grad_latents');
  });

  it('leaves nothing behind', () => {
    const latents = reference.tensor('vae.decode.latents') as Tensor4D;
    const before = tf.memory().numTensors;
    tf.tidy(() => vae.encode(vae.decode(latents)).mean).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
