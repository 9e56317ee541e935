import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Rehearsal, RehearsedFunction, Work } from '../src/contracts/rehearsal.js';
import type { Runtime, TensorRecord } from '../src/contracts/runtime.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { type Tensor, type Tensor2D, type Tensor4D, tf } from '../src/runtime/tf.js';

/** What all ops of some functions do. */
const totalOf = (functions: readonly RehearsedFunction[], what: keyof Work): number =>
  functions.flatMap(({ ops }) => [...ops]).reduce((sum, [{ work }, count]) => sum + count * work[what], 0);

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
    const { functions } = take();
    // Forward and back: 2 pictures of 64 places, 27 numbers a place, 6 channels, a multiplication and an addition.
    const convolution = 2 * (2 * 64 * 27 * 6) * 2;
    expect(functions.map(({ name, calls }) => [name, calls])).toEqual([
      ['gradient', 2],
      ['product', 1],
    ]);
    expect(totalOf(functions, 'convolutions')).toBe(2 * convolution);
    expect(totalOf(functions, 'products')).toBe(2 * 7 * 10 * 20);
    // What a product reads and writes.
    expect(totalOf(functions.slice(1), 'bytes')).toBe(4 * (7 * 10 + 10 * 20 + 7 * 20));
    expect(take().functions).toEqual([]);
    tf.dispose([x, a, b, filter]);
  });

  it('adds up what a function does with arguments of different shapes', async () => {
    const { runtime, take } = start();
    const double = runtime.compile('double', (inputs: TensorRecord) => ({
      y: tf.mul(inputs.x as Tensor, 2),
    }));
    const [few, many] = [tf.ones([10]), tf.ones([1000])];
    tf.dispose([await double({ x: few }), await double({ x: many }), await double({ x: few })]);
    const { functions } = take();
    expect(functions).toHaveLength(1);
    expect(functions[0]?.calls).toBe(3);
    // Each reads its argument and one number, and writes its result.
    expect(totalOf(functions, 'bytes')).toBe(4 * (2 * 1020 + 3));
    const counts = [...(functions[0]?.ops ?? [])].map(([{ name }, count]) => [name, count]);
    expect(counts).toEqual([
      ['Mul', 2],
      ['Mul', 1],
    ]);
    tf.dispose([few, many]);
  });

  it('knows ops that do the same, whichever function they are in, and tells others apart', async () => {
    const { runtime, take } = start();
    const x = tf.ones([6, 4]);
    const weight = runtime.weight(new Uint8Array(), 'F32', [4, 4]) as Tensor2D;
    const sums = (axis: number) =>
      runtime.compile(`sums ${axis}`, (inputs: TensorRecord) => ({
        y: tf.sum(tf.matMul(inputs.x as Tensor2D, weight), axis),
      }));
    tf.dispose([await sums(0)({ x }), await sums(1)({ x })]);
    const [first, second] = take().functions.map(({ ops }) => [...ops.keys()]);
    expect(first?.map(({ name }) => name)).toEqual(['BatchMatMulV2', 'Sum']);
    expect(first?.[0]).toBe(second?.[0]);
    expect(first?.[1]?.key).not.toBe(second?.[1]?.key);
    tf.dispose([x, weight]);
  });

  it('measures ops when it is over, and leaves nothing behind', async () => {
    const before = real.memory().backendTensors;
    const { runtime, take, end } = start();
    const weight = runtime.weight(new Uint8Array(), 'F32', [256, 256]) as Tensor2D;
    const body = runtime.compile('body', (inputs: TensorRecord) => {
      const y = tf.matMul(inputs.x as Tensor2D, weight);
      const [left, right] = tf.split(tf.softmax(y), 2, 1);
      return { y: tf.mul(tf.gather(left as Tensor, inputs.rows as Tensor), right as Tensor) };
    });
    const measured: number[] = [];
    for (const rows of [512, 8]) {
      const x = tf.ones([rows, 256]);
      const indices = tf.zeros([rows], 'int32');
      tf.dispose([await body({ x, rows: indices }), x, indices]);
    }
    const { functions } = take();
    end();
    const ops = functions.flatMap((each) => [...each.ops.keys()]);
    expect(new Set(ops.map(({ name }) => name))).toContain('BatchMatMulV2');
    for (const op of ops) measured.push(await op.measure(() => performance.now() / 1000));
    for (const seconds of measured) {
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(1);
    }
    // 64 times as much to do, by far more than what it takes to begin.
    const [many, few] = ops.flatMap(({ name }, i) =>
      name === 'BatchMatMulV2' ? [measured[i] as number] : [],
    );
    expect(many).toBeGreaterThan(2 * (few as number));
    expect(real.memory().backendTensors).toBe(before);
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
