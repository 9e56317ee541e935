import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Runtime } from '../src/contracts/runtime.js';
import { float32ToBfloat16 } from '../src/files/bfloat16.js';
import { float32ToFloat16 } from '../src/files/float16.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { after } from '../src/runtime/ordering.js';
import { type Tensor, type Tensor2D, tf } from '../src/runtime/tf.js';
import { expectClose } from './support/close.js';
import { normal } from './support/random-tensor.js';

const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Counts how often a function was really called. */
const counted = <Arguments extends unknown[], Result>(body: (...all: Arguments) => Result) => {
  const counter = { calls: 0 };
  const wrapped = (...all: Arguments): Result => {
    counter.calls += 1;
    return body(...all);
  };
  return Object.assign(wrapped, counter, { calls: () => counter.calls });
};

describe('the TensorFlow runtime', () => {
  let runtime: Runtime;
  let half: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    half = await createRuntime({ backend: 'tensorflow', computeType: 'bfloat16' });
  });

  let before: { tensors: number; backendTensors: number };
  beforeEach(() => {
    // The runner forbids falling back to eager ops; that it happens rightly is tested here.
    vi.stubEnv('DRAFT_STRICT_GRAPHS', '');
    const { tensors, backendTensors } = runtime.memory();
    before = { tensors, backendTensors };
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    // Each test disposes what it made; whatever else is left would be a leak.
    expect(runtime.memory()).toMatchObject(before);
  });

  it('says what it is', () => {
    expect(runtime).toMatchObject({ backend: 'tensorflow', graphs: true, computeType: 'float32' });
    expect(runtime.version).toMatch(/^TensorFlow 2\.\d+\.\d+$/);
    expect(runtime.memory().residentBytes).toBeGreaterThan(1e7);
  });

  it('multiplies matrices, eagerly and as a graph', async () => {
    const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const square = runtime.compile('square', ({ x }: { x: Tensor2D }) => ({ y: tf.matMul(x, x) }));
    const { y } = await square({ x: a });
    const eager = tf.matMul(a, a);
    expect([...y.dataSync()]).toEqual([7, 10, 15, 22]);
    expect([...eager.dataSync()]).toEqual([7, 10, 15, 22]);
    square.dispose();
    tf.dispose([a, y, eager]);
  });

  it('records once for each combination of shapes, whatever the order of the arguments', async () => {
    const body = counted(({ a, b }: { a: Tensor; b: Tensor }) => ({ sum: tf.add(a, tf.mul(b, 2)) }));
    const add = runtime.compile('add', body);
    const [one, two, wide] = [tf.tensor1d([1]), tf.tensor1d([10]), tf.tensor1d([1, 2, 3])];
    const results = [
      await add({ a: one, b: two }),
      await add({ b: two, a: one }),
      await add({ a: wide, b: two }),
      await add({ a: two, b: wide }),
      await add({ a: two, b: one }),
    ];
    expect(results.map(({ sum }) => [...sum.dataSync()])).toEqual([
      [21],
      [21],
      [21, 22, 23],
      [12, 14, 16],
      [12],
    ]);
    expect(body.calls()).toBe(3);
    add.dispose();
    tf.dispose([one, two, wide, results] as never);
  });

  it('uses tensors that it captured', async () => {
    const weight = tf.tensor1d([1, 2]);
    const scale = runtime.compile('scale', ({ x }: { x: Tensor }) => ({ y: tf.mul(x, weight) }));
    const x = tf.tensor1d([10, 10]);
    const first = await scale({ x });
    expect([...first.y.dataSync()]).toEqual([10, 20]);
    scale.dispose();
    tf.dispose([weight, x, first] as never);
  });

  it('says so in a sentence when a captured tensor is disposed', async () => {
    const weight = tf.tensor1d([1, 2]);
    const scale = runtime.compile('scale', ({ x }: { x: Tensor }) => ({ y: tf.mul(x, weight) }));
    const x = tf.tensor1d([10, 10]);
    tf.dispose(await scale({ x }));
    weight.dispose();
    await expect(scale({ x })).rejects.toMatchObject({
      code: 'DRAFT_TENSOR_DISPOSED',
      message: expect.stringMatching(/disposed/),
    });
    scale.dispose();
    x.dispose();
  });

  it('gives results that are their own, also where they are arguments or captured tensors', async () => {
    for (const graphs of [true, false]) {
      const weight = tf.tensor1d([5]);
      const same = runtime.compile('same', ({ x }: { x: Tensor }) => {
        if (!graphs) x.dataSync();
        return { x, weight, twice: x };
      });
      const x = tf.tensor1d([7]);
      const result = await same({ x });
      expect([...result.x.dataSync(), ...result.weight.dataSync(), ...result.twice.dataSync()]).toEqual([
        7, 5, 7,
      ]);
      tf.dispose(result as never);
      expect([...x.dataSync(), ...weight.dataSync()]).toEqual([7, 5]);
      same.dispose();
      tf.dispose([x, weight]);
    }
  });

  it('runs eagerly where a function reads numbers, with the same result', async () => {
    const body = counted(({ x }: { x: Tensor }) => ({ y: tf.mul(x, x.dataSync()[0] as number) }));
    const compiled = runtime.compile('reads', body);
    const x = tf.tensor1d([3, 4]);
    const y = await compiled({ x });
    const z = await compiled({ x });
    expect([...y.y.dataSync()]).toEqual([9, 12]);
    expect([...z.y.dataSync()]).toEqual([9, 12]);
    expect(body.calls()).toBe(3); // one attempt to record, two calls
    compiled.dispose();
    tf.dispose([x, y, z] as never);
  });

  it('runs eagerly where shapes depend on numbers', async () => {
    const compiled = runtime.compile('finds', ({ x }: { x: Tensor }) => ({
      y: tf.unique(x).values,
    }));
    const x = tf.tensor1d([3, 4, 3]);
    const { y } = await compiled({ x });
    expect([...y.dataSync()]).toEqual([3, 4]);
    compiled.dispose();
    tf.dispose([x, y]);
  });

  it('can be told to refuse what cannot be recorded', async () => {
    vi.stubEnv('DRAFT_STRICT_GRAPHS', '1');
    const compiled = runtime.compile('reads', ({ x }: { x: Tensor }) => ({
      y: tf.mul(x, x.dataSync()[0] as number),
    }));
    const x = tf.tensor1d([3, 4]);
    await expect(compiled({ x })).rejects.toMatchObject({ code: 'DRAFT_TRACE_READ' });
    x.dispose();
  });

  it('passes on what a function throws, and stays usable', async () => {
    const failing = runtime.compile('fails', ({ x }: { x: Tensor }): { y: Tensor } => {
      tf.mul(x, 2);
      throw new Error('on purpose');
    });
    const x = tf.tensor1d([1]);
    await expect(failing({ x })).rejects.toThrow('on purpose');
    const fine = runtime.compile('fine', ({ x: value }: { x: Tensor }) => ({ y: tf.add(value, 1) }));
    const { y } = await fine({ x });
    expect([...y.dataSync()]).toEqual([2]);
    fine.dispose();
    tf.dispose([x, y]);
  });

  it('can be forgotten and recorded again', async () => {
    const body = counted(({ x }: { x: Tensor }) => ({ y: tf.neg(x) }));
    const negate = runtime.compile('negate', body);
    const x = tf.tensor1d([1]);
    const first = await negate({ x });
    negate.dispose();
    const second = await negate({ x });
    expect(body.calls()).toBe(2);
    expect([...second.y.dataSync()]).toEqual([-1]);
    negate.dispose();
    tf.dispose([x, first, second] as never);
  });

  it('keeps integer and boolean results', async () => {
    const compiled = runtime.compile('kinds', ({ x }: { x: Tensor }) => ({
      whole: tf.cast(x, 'int32'),
      positive: tf.greater(x, 0),
      best: tf.argMax(x),
    }));
    const x = tf.tensor1d([-1.5, 2.5]);
    const result = await compiled({ x });
    expect(result.whole.dtype).toBe('int32');
    expect([...result.whole.dataSync()]).toEqual([-1, 2]);
    expect(result.positive.dtype).toBe('bool');
    expect([...result.positive.dataSync()]).toEqual([0, 1]);
    expect([...result.best.dataSync()]).toEqual([1]);
    compiled.dispose();
    tf.dispose([x, result] as never);
  });

  it('leaves the main thread free while a graph runs', async () => {
    const heavy = runtime.compile('heavy', ({ x }: { x: Tensor2D }) => {
      let y: Tensor2D = x;
      for (let i = 0; i < 8; i += 1) y = tf.tanh(tf.matMul(y, x));
      return { y };
    });
    const x = normal<Tensor2D>([700, 700], 1);
    tf.dispose(await heavy({ x }));
    const order: string[] = [];
    const running = heavy({ x }).then((result) => {
      order.push('graph');
      return result;
    });
    await new Promise<void>((resolve) => setImmediate(resolve));
    order.push('main thread');
    const result = await running;
    expect(order).toEqual(['main thread', 'graph']);
    heavy.dispose();
    tf.dispose([x, result] as never);
  });

  it('keeps arguments alive that are disposed while a graph runs', async () => {
    const product = runtime.compile('product', ({ x }: { x: Tensor2D }) => ({ y: tf.matMul(x, x) }));
    const x = tf.ones([300, 300]) as Tensor2D;
    const running = product({ x });
    await Promise.resolve();
    x.dispose();
    const { y } = await running;
    expect(y.dataSync()[0]).toBe(300);
    product.dispose();
    y.dispose();
  });

  it('computes the same with an order between independent parts', async () => {
    const body = ({ x }: { x: Tensor }) => {
      const first = tf.exp(x);
      const second = tf.sin(after(x, first));
      return { y: tf.add(first, second), g: tf.grad((v) => tf.sum(tf.mul(v, after(v, first))))(x) };
    };
    const compiled = runtime.compile('ordered', body);
    const x = tf.tensor1d([0.5, 1]);
    const actual = await compiled({ x });
    const expected = tf.tidy(() => body({ x }));
    expectClose(actual.y, expected.y, 1e-6);
    expectClose(actual.g, expected.g, 1e-6);
    compiled.dispose();
    tf.dispose([x, actual, expected] as never);
  });

  describe('weights', () => {
    const numbers = Float32Array.from([0, 1, -2, 0.1, 1 / 3, 1e-3, 65504, -7.25]);

    it.each([
      ['F32', bytesOf(numbers), 0],
      ['F16', bytesOf(float32ToFloat16(numbers)), 2 ** -11],
      ['BF16', bytesOf(float32ToBfloat16(numbers)), 2 ** -8],
    ] as const)('in float32 are as exact as they are stored: %s', (storedAs, bytes, rounding) => {
      const weight = runtime.weight(bytes, storedAs, [2, 4]);
      expect(weight.shape).toEqual([2, 4]);
      expect(weight.dtype).toBe('float32');
      weight.dataSync().forEach((value, i) => {
        expect(Math.abs(value - numbers[i]!)).toBeLessThanOrEqual(rounding * Math.abs(numbers[i]!));
      });
      weight.dispose();
    });

    it.each([
      ['F32', bytesOf(numbers)],
      ['F16', bytesOf(float32ToFloat16(numbers))],
      ['BF16', bytesOf(float32ToBfloat16(numbers))],
    ] as const)('in bfloat16 keep eight bits, from %s', (storedAs, bytes) => {
      const weight = half.weight(bytes, storedAs, [8]);
      weight.dataSync().forEach((value, i) => {
        expect(Math.abs(value - numbers[i]!)).toBeLessThanOrEqual(2 ** -8 * Math.abs(numbers[i]!));
      });
      // bfloat16 has 8 bits of significand: 1/3 is not among its numbers.
      expect(weight.dataSync()[4]).not.toBe(numbers[4]);
      weight.dispose();
    });

    it('may begin at an odd byte of a file', () => {
      const file = new Uint8Array(33);
      file.set(bytesOf(numbers), 1);
      const weight = runtime.weight(file.subarray(1), 'F32', [8]);
      expect([...weight.dataSync()]).toEqual([...numbers]);
      weight.dispose();
    });

    it('of the wrong size are refused', () => {
      expect(() => runtime.weight(new Uint8Array(12), 'F32', [4])).toThrow(/4 elements .* 12 bytes/);
    });

    it('in bfloat16 multiply eagerly and in graphs', async () => {
      const values = normal<Tensor2D>([48, 32], 3);
      const x = normal<Tensor2D>([5, 48], 4);
      const weight = half.weight(bytesOf(values.dataSync() as Float32Array), 'F32', [48, 32]) as Tensor2D;
      const body = ({ x: input }: { x: Tensor2D }) => ({
        y: tf.matMul(input, weight),
        g: tf.grad((v) => tf.sum(tf.square(tf.matMul(v as Tensor2D, weight))))(input),
      });
      const compiled = half.compile('linear', body);
      const graph = await compiled({ x });
      const eager = tf.tidy(() => body({ x }));
      const exact = tf.matMul(x, values);
      expect(graph.y.dtype).toBe('float32');
      // Only the weight was rounded: processors multiply in float32.
      expectClose(graph.y, exact, 2 ** -8);
      expectClose(graph.y, eager.y, 1e-6);
      expectClose(graph.g, eager.g, 1e-6);
      compiled.dispose();
      tf.dispose([values, x, weight, graph, eager, exact] as never);
    });
  });
});
