import { type AdamwOptions, clippingFactor, createAdamw, gradientNorm, type Tensor, tf } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEagerRuntime } from '../../src/runtime/eager-runtime.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const runtime = createEagerRuntime('cpu');
const start = () => ({ a: tf.tensor1d([1, -2, 0.5]), b: tf.tensor2d([0.3, -0.7], [2, 1]) });

const iterations = [
  { a: [0.5, 0.001, -3], b: [0.2, 0], learningRate: 0.1 },
  { a: [-0.2, 0.3, 1], b: [0.1, 0.4], learningRate: 0.1 },
  { a: [0.1, -4, 0.02], b: [-0.5, 0.05], learningRate: 0.05 },
  { a: [0.7, 0.6, -0.5], b: [1.5, -0.25], learningRate: 0.01 },
];

/** Runs the iterations on an optimiser from `from` on; the parameters after each. */
const train = async (
  adamw: ReturnType<typeof createAdamw>,
  from: Record<string, Tensor> = start(),
  steps = iterations,
  clip = 0,
) => {
  let parameters: Record<string, Tensor> = from;
  const states: number[][] = [];
  const norms: number[] = [];
  for (const { a, b, learningRate } of steps) {
    const gradients = { a: tf.tensor1d(a), b: tf.tensor2d(b, [2, 1]) };
    const total = gradientNorm(gradients);
    const norm = total.dataSync()[0]!;
    const next = await adamw.update(parameters, gradients, {
      learningRate,
      gradientScale: clippingFactor(norm, clip),
    });
    tf.dispose([total, gradients, parameters]);
    parameters = next;
    norms.push(norm);
    states.push([...parameters.a!.dataSync(), ...parameters.b!.dataSync()]);
  }
  return { parameters, states, norms };
};

const expectClose = (actual: readonly (readonly number[])[], expected: readonly (readonly number[])[]) => {
  expect(actual).toHaveLength(expected.length);
  for (const [index, row] of expected.entries()) {
    for (const [column, value] of row.entries()) expect(actual[index]![column]).toBeCloseTo(value, 6); // float32
  }
};

describe('createAdamw', () => {
  it('makes PyTorch’s updates', async () => {
    const adamw = createAdamw(runtime);
    const { states, parameters } = await train(adamw);
    // Printed by torch 2.15.0, AdamW(lr=0.1, weight_decay=0.1) with these learning rates.
    expectClose(states, [
      [0.89, -2.079999, 0.595, 0.197, -0.7 * 0.99],
      [0.8465395, -2.1338356, 0.6290719, 0.1018121, -0.7604837],
      [0.8233372, -2.0934715, 0.6411926, 0.1157674, -0.7891837],
      [0.8160213, -2.0874269, 0.6439304, 0.1110048, -0.7898535],
    ]);
    const { step, moments } = adamw.state();
    expect(step).toBe(4);
    expectClose(
      [[...moments['first.a']!.dataSync()], [...moments['second.a']!.dataSync()]],
      [
        [0.09925, -0.2756271, -0.1859],
        [0.0007892, 0.0164338, 0.0102214],
      ],
    );
    tf.dispose(parameters);
    adamw.dispose();
  });

  it('makes PyTorch’s updates with clipping to 0.1', async () => {
    const adamw = createAdamw(runtime);
    const { states, norms, parameters } = await train(adamw, start(), iterations, 0.1);
    expectClose([norms], [[3.0479503, 1.1401755, 4.0327287, 1.8472954]]);
    expectClose(states, [
      [0.8900001, -2.0799696, 0.595, 0.1970002, -0.7 * 0.99],
      [0.8897069, -2.133667, 0.589546, 0.0953087, -0.7604837],
      [0.8852844, -2.099504, 0.5866696, 0.0932678, -0.786553],
      [0.8794988, -2.0954895, 0.5872645, 0.0874289, -0.7882398],
    ]);
    tf.dispose(parameters);
    adamw.dispose();
  });

  it('decays the weights apart from the gradient', async () => {
    const decayed = async (options: AdamwOptions) => {
      const adamw = createAdamw(runtime, options);
      const zero = { a: [0, 0, 0], b: [0, 0], learningRate: 0.5 };
      const { states, parameters } = await train(adamw, start(), [zero]);
      tf.dispose(parameters);
      adamw.dispose();
      return states[0]!;
    };
    expectClose([await decayed({ weightDecay: 0.2 })], [[0.9, -1.8, 0.45, 0.27, -0.63]]);
    expectClose([await decayed({ weightDecay: 0 })], [[1, -2, 0.5, 0.3, -0.7]]);
  });

  it('goes on to the bit from a saved state', async () => {
    const whole = createAdamw(runtime);
    const straight = await train(whole);
    const first = createAdamw(runtime);
    const half = await train(first, start(), iterations.slice(0, 2));
    const second = createAdamw(runtime);
    second.restore(first.state());
    first.dispose();
    const rest = await train(second, half.parameters, iterations.slice(2));
    expect(rest.states).toEqual(straight.states.slice(2));
    tf.dispose([straight.parameters, rest.parameters]);
    whole.dispose();
    second.dispose();
  });

  it('names the parameter without a gradient', async () => {
    const adamw = createAdamw(runtime);
    const parameters = start();
    const gradients = { a: parameters.a };
    await expect(adamw.update(parameters, gradients, { learningRate: 0.1 })).rejects.toThrow(
      'There is no gradient for the parameter b.',
    );
    tf.dispose(parameters);
    adamw.dispose();
  });

  it('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const adamw = createAdamw(runtime);
    const { parameters } = await train(adamw);
    expect(tf.memory().numTensors - before).toBe(2 + 4); // the parameters and their two moments
    adamw.restore(adamw.state());
    tf.dispose(parameters);
    adamw.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('clippingFactor', () => {
  it('shortens only what is too long', () => {
    expect(clippingFactor(0.5, 1)).toBe(1);
    expect(clippingFactor(4, 1)).toBeCloseTo(0.25, 6);
    expect(clippingFactor(4, 0)).toBe(1);
    expect(clippingFactor(0, 1)).toBe(1);
  });

  it('takes the norm of nothing for 0', () => {
    const norm = gradientNorm({});
    expect(norm.dataSync()[0]).toBe(0);
    norm.dispose();
  });
});
