import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Rehearsal } from '../src/contracts/rehearsal.js';
import type { Runtime, TensorRecord } from '../src/contracts/runtime.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../src/runtime/tf.js';

/** Floats of a megabyte. */
const million = [2 ** 18];

describe('a rehearsal', () => {
  let real: Runtime;
  let rehearsal: Rehearsal | undefined;
  const start = (): Rehearsal => {
    rehearsal = (real.rehearse as () => Rehearsal)();
    return rehearsal;
  };

  beforeAll(async () => {
    real = await createRuntime({ backend: 'tensorflow' });
  });
  afterEach(() => {
    rehearsal?.end();
    rehearsal = undefined;
  });

  it('gives results their shapes, and zeros to whoever reads them', async () => {
    const { runtime } = start();
    const weight = runtime.weight(new Uint8Array(), 'F32', [5, 3]);
    const product = runtime.compile('product', ({ x }: TensorRecord) => ({
      y: tf.matMul(x as Tensor2D, weight as Tensor2D, false, true),
    }));
    const x = tf.ones([4, 3]);
    const { y } = await product({ x });
    expect(y.shape).toEqual([4, 5]);
    expect(Array.from(await y.data())).toEqual(new Array(20).fill(0));
    expect(tf.add(y, 1).shape).toEqual([4, 5]);
    tf.dispose([x, y, weight]);
  });

  it('reads the numbers that code has given itself', () => {
    start();
    const x = tf.tensor1d([1, 2, 3]);
    expect(Array.from(x.dataSync())).toEqual([1, 2, 3]);
    x.dispose();
  });

  it('counts the operations of products and convolutions, and of their gradients', async () => {
    const { runtime, take } = start();
    const x = tf.ones([2, 8, 8, 3]);
    const filter = runtime.weight(new Uint8Array(), 'F32', [3, 3, 3, 6]);
    const gradient = runtime.compile('gradient', (inputs: TensorRecord) => ({
      dx: tf.grad((image: Tensor) =>
        tf.sum(tf.square(tf.conv2d(image as Tensor4D, filter as Tensor4D, 1, 'same'))),
      )(inputs.x as Tensor),
    }));
    const a = tf.ones([7, 10]);
    const b = tf.ones([10, 20]);
    const product = runtime.compile('product', (inputs: TensorRecord) => ({
      y: tf.matMul(inputs.a as Tensor2D, inputs.b as Tensor2D),
    }));
    tf.dispose([await gradient({ x }), await gradient({ x }), await product({ a, b })]);
    const { work, functions } = take();
    // Forward and back: 2 pictures of 64 places, 27 numbers a place, 6 channels, a multiplication and an addition.
    const convolution = 2 * (2 * 64 * 27 * 6) * 2;
    expect(functions.map(({ name, calls }) => [name, calls])).toEqual([
      ['gradient', 2],
      ['product', 1],
    ]);
    expect(work.convolutions).toBe(2 * convolution);
    expect(work.products).toBe(2 * 7 * 10 * 20);
    // What a product reads and writes.
    expect(functions[1]?.work.bytes).toBe(4 * (7 * 10 + 10 * 20 + 7 * 20));
    expect(take().work.products).toBe(0);
    tf.dispose([x, a, b, filter]);
  });

  it('adds up what a function does with arguments of different shapes', async () => {
    const { runtime, take } = start();
    const double = runtime.compile('double', (inputs: TensorRecord) => ({
      y: tf.mul(inputs.x as Tensor, 2),
    }));
    const [few, many] = [tf.ones([10]), tf.ones([1000])];
    tf.dispose([await double({ x: few }), await double({ x: many }), await double({ x: few })]);
    const { work, functions } = take();
    expect(functions).toHaveLength(1);
    expect(functions[0]?.calls).toBe(3);
    // Each reads its argument and one number, and writes its result.
    expect(functions[0]?.work.bytes).toBe(4 * (2 * 1020 + 3));
    expect(work.bytes).toBe(functions[0]?.work.bytes);
    tf.dispose([few, many]);
  });

  it('counts what exists at once', async () => {
    const { runtime, take } = start();
    const x = tf.ones(million);
    // Each sine is needed until the end, where all are added up; reshaping makes no copy.
    const sums = runtime.compile('sums', (inputs: TensorRecord) => {
      const parts = [1, 2, 3].map((factor) => tf.sin(tf.mul(inputs.x as Tensor, factor)));
      return { y: tf.reshape(tf.concat(parts), [3, ...million]) };
    });
    const { y } = await sums({ x });
    const { functions, peakBytes, liveBytes } = take();
    const megabyte = 2 ** 20;
    // Three parts and their concatenation; a product each may wait with them, depending on the order.
    expect(functions[0]?.bytes).toBeGreaterThanOrEqual(6 * megabyte);
    expect(functions[0]?.bytes).toBeLessThanOrEqual(9.1 * megabyte);
    expect(liveBytes).toBeGreaterThanOrEqual(4 * megabyte);
    expect(liveBytes).toBeLessThan(4.1 * megabyte);
    expect(peakBytes).toBeGreaterThanOrEqual(7 * megabyte);
    tf.dispose([x, y]);
    expect(take().liveBytes).toBeLessThan(0.1 * megabyte);
  });

  it('halves frozen weights in bfloat16', async () => {
    const narrow = await createRuntime({ backend: 'tensorflow', computeType: 'bfloat16' });
    const { runtime, take, end } = (narrow.rehearse as () => Rehearsal)();
    const before = take().liveBytes;
    const weight = runtime.weight(new Uint8Array(), 'F32', million);
    expect(take().liveBytes - before).toBe(2 ** 19);
    weight.dispose();
    end();
  });

  it('leaves the runtime as it was', async () => {
    const before = real.memory().backendTensors;
    const { runtime, end } = start();
    const twice = runtime.compile('twice', ({ x }: TensorRecord) => ({ y: tf.mul(x as Tensor, 2) }));
    const x = tf.tensor1d([1, 2]);
    tf.dispose([x, await twice({ x })]);
    expect(real.memory().backendTensors).toBe(before);
    end();
    const computed = tf.tidy(() => tf.mul(tf.tensor1d([1, 2]), 2).dataSync());
    expect(Array.from(computed)).toEqual([2, 4]);
  });
});
