import {
  type Adapter,
  type Adapters,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
  type Weights,
} from '@draft/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnet, type Unet } from '../src/unet/unet.js';
import { parseUnetConfig } from '../src/unet/unet-config.js';
import { inLayout, openReferenceSet, type ReferenceSet, type ReferenceWeights } from './reference-set.js';
import { relativeError } from './relative-error.js';

/** float32 on both sides, sums in another order; float64 itself is up to 6e-6 away from the reference. */
const tolerance = 2e-5;

/** Each set with the tolerance of its gradients. */
const sets = [
  ['tiny', 1e-4],
  ['small', 1e-4],
  // Its norms of one channel over a few pixels enlarge rounding: float64 is 2.1e-4 away from the reference.
  ['linear-v', 4e-4],
] as const;

const adaptersAt = (reference: ReferenceSet, scale: number): Adapters =>
  new Map([...reference.lora].map(([name, { down, up }]) => [name, [{ down, up, scale }]]));

describe.each(sets)('the UNet against the reference %s', (name, gradientTolerance) => {
  let reference: ReferenceSet;
  let weights: ReferenceWeights;
  let unet: Unet;
  let latents: Tensor4D;
  let context: Tensor3D;
  let cotangent: Tensor;
  const timestep = () => tf.scalar(601);

  beforeAll(async () => {
    await tf.setBackend('cpu');
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

  it('takes the timestep as int32 too, and one for each half of a batch in two calls', () => {
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

  it('has the gradients in its own weights where they are arguments', () => {
    const prefix = 'unet.grad.';
    const names = reference.names(prefix).map((key) => key.slice(prefix.length));
    expect(names.length).toBeGreaterThan(10);
    const loss = (x: Tensor, c: Tensor, ...values: Tensor[]) => {
      const replaced: Weights = {
        has: weights.has,
        get: (key) => values[names.indexOf(key)] ?? weights.taken.get(key)!.tensor,
      };
      const trained = createUnet(parseUnetConfig(reference.unetConfig), replaced);
      return tf.sum(tf.mul(trained.predict(x as Tensor4D, timestep(), c as Tensor3D), cotangent));
    };
    const values = names.map((key) => weights.taken.get(key)!.tensor);
    const [ofLatents, ofContext, ...others] = tf.grads(loss as never)([latents, context, ...values]);
    expectClose(ofLatents!, 'unet.grad_latents');
    expectClose(ofContext!, 'unet.grad_context');
    names.forEach((key, index) => {
      // Where a norm has one channel a group, what the time adds to it has no effect: its gradient is rounding.
      const expected = inLayout(reference.tensor(prefix + key), weights.taken.get(key)!.layout);
      expect(relativeError(others[index]!, expected, 1), key).toBeLessThan(gradientTolerance);
    });
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
