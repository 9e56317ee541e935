import { type Tensor, type Tensor3D, type Tensor4D, tf, type Weights } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createUnet } from '../src/unet/unet.js';
import { parseUnetConfig } from '../src/unet/unet-config.js';
import { inLayout, openReferenceSet } from './reference-set.js';
import { relativeError } from './relative-error.js';

/** float32 on both sides; norms over few pixels enlarge rounding on the way back. */
const tolerance = 1e-4;

/** The back end cpu, since wasm has no kernel for the gradient of a convolution's weight. */
beforeAll(() => tf.setBackend('cpu'));

describe.each(['tiny', 'small', 'linear-v'])('the UNet of %s as a function of its weights', (name) => {
  it('has the gradients of the reference', () => {
    const reference = openReferenceSet(name);
    const config = parseUnetConfig(reference.unetConfig);
    const weights = reference.unetWeights();
    createUnet(config, weights);
    const cotangent = reference.tensor('unet.cotangent');
    const latents = reference.tensor('unet.latents');
    const context = reference.tensor('unet.context');
    const prefix = 'unet.grad.';
    const names = reference.names(prefix).map((key) => key.slice(prefix.length));
    expect(names.length).toBeGreaterThan(10);
    const loss = (x: Tensor, c: Tensor, ...values: Tensor[]) => {
      const replaced: Weights = {
        has: weights.has,
        get: (key) => values[names.indexOf(key)] ?? weights.taken.get(key)!.tensor,
      };
      const output = createUnet(config, replaced).predict(x as Tensor4D, tf.scalar(601), c as Tensor3D);
      return tf.sum(tf.mul(output, cotangent));
    };
    const values = names.map((key) => weights.taken.get(key)!.tensor);
    const [ofLatents, ofContext, ...others] = tf.grads(loss as never)([latents, context, ...values]);
    expect(relativeError(ofLatents!, reference.tensor('unet.grad_latents'))).toBeLessThan(tolerance);
    expect(relativeError(ofContext!, reference.tensor('unet.grad_context'))).toBeLessThan(tolerance);
    names.forEach((key, index) => {
      const expected = inLayout(reference.tensor(prefix + key), weights.taken.get(key)!.layout);
      expect(relativeError(others[index]!, expected), key).toBeLessThan(tolerance);
    });
  });
});
