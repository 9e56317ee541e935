import '@tensorflow/tfjs-backend-wasm';
import { type Adapter, type Adapters, type Tensor, type Tensor3D, type Tensor4D, tf } from '@draft/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnet, type Unet } from '../src/unet/unet.js';
import { parseUnetConfig } from '../src/unet/unet-config.js';
import { openReferenceSet, type ReferenceSet, type ReferenceWeights } from './reference-set.js';
import { relativeError } from './relative-error.js';

/** float32 on both sides, sums in another order: 1e-6 to 1e-5 is seen. */
const tolerance = 2e-5;
/** Norms over few pixels enlarge rounding on the way back. */
const gradientTolerance = 1e-4;

const adaptersAt = (reference: ReferenceSet, scale: number): Adapters =>
  new Map([...reference.lora].map(([name, { down, up }]) => [name, [{ down, up, scale }]]));

describe.each(['tiny', 'small', 'linear-v'])('the UNet against the reference %s', (name) => {
  let reference: ReferenceSet;
  let weights: ReferenceWeights;
  let unet: Unet;
  let latents: Tensor4D;
  let context: Tensor3D;
  let cotangent: Tensor;
  const timestep = () => tf.scalar(601);

  beforeAll(async () => {
    await tf.setBackend('wasm');
    reference = openReferenceSet(name);
    weights = reference.unetWeights();
    unet = createUnet(parseUnetConfig(reference.unetConfig), weights);
    latents = reference.tensor('unet.latents') as Tensor4D;
    context = reference.tensor('unet.context') as Tensor3D;
    cotangent = reference.tensor('unet.cotangent');
  });
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const expectClose = (actual: Tensor, key: string) =>
    expect(relativeError(actual, reference.tensor(key)), key).toBeLessThan(
      key.includes('.grad') ? gradientTolerance : tolerance,
    );

  it.each([
    ['unet.out', 601, 0],
    ['unet.late.out', 1, 0],
    ['unet_lora.out', 601, 1],
    ['unet_lora.late.out', 1, 1],
    ['unet_lora_half.out', 601, 0.5],
  ])('gives %s at timestep %d with the LoRA at scale %d', (key, at, scale) => {
    const adapters = scale ? adaptersAt(reference, scale) : undefined;
    expectClose(unet.predict(latents, tf.scalar(at), context, adapters), key);
  });

  it('takes one timestep for each sample, together or one by one, as int32 too', () => {
    expectClose(unet.predict(latents, tf.tensor1d([981, 21]), context), 'unet.each.out');
    const halves = [981, 21].map((at, row) =>
      unet.predict(tf.slice(latents, row, 1), tf.scalar(at, 'int32'), tf.slice(context, row, 1)),
    );
    expectClose(tf.concat(halves, 0), 'unet.each.out');
  });

  it('adds several adapters of one layer up', () => {
    const twice: Adapters = new Map(
      [...reference.lora].map(([layer, { down, up }]) => [
        layer,
        [
          { down, up, scale: 0.2 },
          { down, up, scale: 0.8 },
        ],
      ]),
    );
    expectClose(unet.predict(latents, timestep(), context, twice), 'unet_lora.out');
  });

  it('has the gradients in latents, context and the LoRA', () => {
    const layers = [...reference.lora.keys()];
    const tensors = layers.flatMap((layer) => [
      reference.lora.get(layer)!.down,
      reference.lora.get(layer)!.up,
    ]);
    const loss = (x: Tensor, c: Tensor, ...parts: Tensor[]) => {
      const adapters = new Map<string, readonly Adapter[]>(
        layers.map((layer, index) => [
          layer,
          [{ down: parts[2 * index]!, up: parts[2 * index + 1]!, scale: 1 }],
        ]),
      );
      return tf.sum(tf.mul(unet.predict(x as Tensor4D, timestep(), c as Tensor3D, adapters), cotangent));
    };
    const gradients = tf.grads(loss as never)([latents, context, ...tensors]);
    expectClose(gradients[0]!, 'unet_lora.grad_latents');
    expectClose(gradients[1]!, 'unet_lora.grad_context');
    layers.forEach((layer, index) => {
      expectClose(gradients[2 + 2 * index]!, `unet_lora.grad.unet.${layer}.lora_A.weight`);
      expectClose(gradients[3 + 2 * index]!, `unet_lora.grad.unet.${layer}.lora_B.weight`);
    });
    expect(reference.names('unet_lora.grad.unet.').length).toBe(2 * layers.length);
  });

  it('adapts each of its layers as if the update were merged into the weight', () => {
    const merged = new Map<string, Tensor>();
    const adapters = new Map<string, readonly Adapter[]>();
    unet.layers.forEach(({ name: layer, inFeatures, outFeatures }, index) => {
      const down = tf.randomNormal([2, inFeatures], 0, 0.2, 'float32', 2 * index + 1);
      const up = tf.randomNormal([outFeatures, 2], 0, 0.2, 'float32', 2 * index + 2);
      adapters.set(layer, [{ down, up, scale: 0.7 }]);
      const base = weights.taken.get(`${layer}.weight`)!.tensor;
      merged.set(`${layer}.weight`, tf.add(base, tf.mul(tf.matMul(up as never, down as never), 0.7)));
    });
    const other = createUnet(parseUnetConfig(reference.unetConfig), {
      has: weights.has,
      get: (key) => merged.get(key) ?? weights.taken.get(key)!.tensor,
    });
    const adapted = unet.predict(latents, timestep(), context, adapters);
    expect(relativeError(adapted, other.predict(latents, timestep(), context))).toBeLessThan(tolerance);
    expect(relativeError(adapted, unet.predict(latents, timestep(), context))).toBeGreaterThan(0.01);
  });

  it('leaves nothing behind and reads no values', () => {
    const reads = vi.spyOn(tf.Tensor.prototype, 'dataSync');
    const before = tf.memory().numTensors;
    tf.tidy(() => unet.predict(latents, timestep(), context, adaptersAt(reference, 1))).dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(reads).not.toHaveBeenCalled();
    reads.mockRestore();
  });
});
