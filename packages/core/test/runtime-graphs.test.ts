import { beforeAll, describe, expect, it } from 'vitest';
import type { Runtime, TensorRecord } from '../src/contracts/runtime.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../src/runtime/tf.js';
import { expectClose } from './support/close.js';
import { normal } from './support/random-tensor.js';

/** One function of `x` [2, 4, 4, 6], with a scalar made of the result where a gradient makes sense. */
interface Case {
  readonly name: string;
  readonly body: (x: Tensor4D) => Tensor;
  /** @default true */
  readonly differentiable?: boolean;
}

const flat = (x: Tensor4D): Tensor3D => tf.reshape(x, [2, 16, 6]);

const cases: readonly Case[] = [
  {
    name: 'elementwise functions',
    body: (x) => tf.add(tf.mul(tf.sigmoid(x), tf.tanh(x)), tf.exp(tf.neg(tf.square(x)))),
  },
  { name: 'more elementwise functions', body: (x) => tf.log1p(tf.sqrt(tf.add(tf.abs(tf.sin(x)), 0.5))) },
  {
    name: 'activations',
    body: (x) => tf.addN([tf.relu(x), tf.elu(x), tf.softplus(x), tf.leakyRelu(x, 0.1), tf.relu6(x)]),
  },
  { name: 'error function and powers', body: (x) => tf.mul(tf.erf(x), tf.pow(tf.add(tf.abs(x), 1), 1.5)) },
  {
    name: 'quotients and extremes',
    body: (x) => tf.minimum(tf.maximum(tf.div(x, tf.add(tf.square(x), 1)), -0.3), 0.3),
  },
  { name: 'clipping', body: (x) => tf.clipByValue(x, -0.5, 0.7) },
  {
    name: 'broadcasting in both directions',
    body: (x) => tf.mul(tf.sum(x, [3], true), tf.mean(x, [0, 1, 2])),
  },
  {
    name: 'split and concat',
    body: (x) => {
      const [a, b, c] = tf.split(x, [1, 2, 3], 3);
      return tf.concat([c as Tensor, a as Tensor, tf.mul(b as Tensor, 2)], 3);
    },
  },
  {
    name: 'even split',
    body: (x) => {
      const [a, b] = tf.split(x, 2, -1);
      return tf.mul(a as Tensor, b as Tensor);
    },
  },
  {
    name: 'stack and unstack',
    body: (x) => {
      const rows = tf.unstack(x, 1);
      return tf.stack([rows[3] as Tensor, tf.mul(rows[0] as Tensor, 3)], 1);
    },
  },
  { name: 'gather', body: (x) => tf.gather(x, tf.tensor1d([3, 0, 0, 2], 'int32'), 2) },
  { name: 'slices', body: (x) => tf.slice(x, [0, 1, 0, 2], [2, 2, -1, 3]) },
  {
    name: 'strided slices',
    body: (x) => tf.stridedSlice(x, [0, 0, 1, 0], [2, 4, 4, 6], [1, 2, 2, 1]),
    differentiable: false,
  },
  {
    name: 'padding',
    body: (x) =>
      tf.pad(
        x,
        [
          [0, 0],
          [1, 2],
          [0, 1],
          [0, 0],
        ],
        0.25,
      ),
  },
  {
    name: 'mirror padding',
    body: (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 0],
        ],
        'reflect',
      ),
  },
  { name: 'reversing', body: (x) => tf.mul(tf.reverse(x, [2]), tf.reverse(x, [1, 3])) },
  { name: 'transposing', body: (x) => tf.transpose(tf.square(x), [0, 3, 1, 2]) },
  {
    name: 'tiling and expanding',
    body: (x) => tf.mul(tf.tile(x, [1, 2, 1, 1]), tf.expandDims(tf.expandDims(tf.range(0, 6), 0), 0)),
  },
  { name: 'squeezing', body: (x) => tf.squeeze(tf.max(x, [1], true), [1]) },
  { name: 'nearest resizing', body: (x) => tf.image.resizeNearestNeighbor(x, [8, 8]) },
  { name: 'bilinear resizing', body: (x) => tf.image.resizeBilinear(x, [7, 5]) },
  { name: 'bilinear resizing to corners', body: (x) => tf.image.resizeBilinear(x, [7, 5], true) },
  { name: 'softmax', body: (x) => tf.mul(tf.softmax(x), x) },
  { name: 'logarithm of softmax', body: (x) => tf.logSoftmax(x) },
  { name: 'sum of exponentials', body: (x) => tf.logSumExp(x, [1, 2]) },
  {
    name: 'batch products',
    body: (x) => tf.matMul(tf.softmax(tf.matMul(flat(x), flat(x), false, true)), flat(x)),
  },
  { name: 'transposed batch products', body: (x) => tf.matMul(flat(x), flat(x), true, false) },
  { name: 'plain products', body: (x) => tf.matMul(tf.reshape(x, [32, 6]), tf.ones([6, 3])) },
  { name: 'products', body: (x) => tf.prod(tf.add(tf.mul(x, 0.1), 1), [3]), differentiable: false },
  { name: 'sums and means', body: (x) => tf.add(tf.sum(x, [1]), tf.mean(x, [2])) },
  { name: 'extremes over an axis', body: (x) => tf.add(tf.max(x, -1), tf.min(x, -1)) },
  {
    name: 'moments',
    body: (x) => {
      const { mean, variance } = tf.moments(x, [1, 2], true);
      return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
    },
  },
  { name: 'cumulative sums', body: (x) => tf.cumsum(x, 3) },
  { name: 'norms', body: (x) => tf.norm(x, 2, 3) },
  {
    name: 'comparisons and selection',
    body: (x) => tf.where(tf.logicalAnd(tf.greater(x, 0), tf.lessEqual(x, 1)), tf.mul(x, 3), tf.neg(x)),
    differentiable: false,
  },
  {
    name: 'selection by a constant',
    body: (x) => tf.where(tf.greater(tf.range(0, 6), 2), tf.square(x), tf.neg(x)),
  },
  {
    name: 'steps',
    body: (x) => tf.add(tf.add(tf.sign(x), tf.floor(x)), tf.add(tf.ceil(x), tf.round(x))),
    differentiable: false,
  },
  { name: 'casts', body: (x) => tf.mul(x, tf.cast(tf.greater(x, 0.2), 'float32')), differentiable: false },
  {
    name: 'integers',
    body: (x) => tf.cast(tf.add(tf.cast(tf.mul(x, 4), 'int32'), 3), 'float32'),
    differentiable: false,
  },
  {
    name: 'whether any and all',
    body: (x) => tf.cast(tf.logicalXor(tf.any(tf.greater(x, 1), 3), tf.all(tf.less(x, 1), 3)), 'float32'),
    differentiable: false,
  },
  {
    name: 'one-hot of the largest',
    body: (x) => tf.oneHot(tf.argMax(x, -1) as Tensor3D, 6),
    differentiable: false,
  },
  {
    name: 'position of the smallest',
    body: (x) => tf.cast(tf.argMin(x, 2), 'float32'),
    differentiable: false,
  },
  { name: 'the largest few', body: (x) => tf.topk(x, 2).values, differentiable: false },
  { name: 'zeros and ones', body: (x) => tf.mul(x, tf.add(tf.zerosLike(x), tf.fill([6], 2))) },
  { name: 'convolution', body: (x) => tf.conv2d(x, tf.mul(tf.ones([3, 3, 6, 2]), 0.1), 1, 'same') },
  {
    name: 'strided convolution with explicit padding',
    body: (x) => tf.conv2d(x, tf.ones([3, 3, 6, 2]), 2, 0),
  },
  { name: 'depthwise convolution', body: (x) => tf.depthwiseConv2d(x, tf.ones([3, 3, 6, 1]), 1, 'same') },
  { name: 'pooling', body: (x) => tf.add(tf.maxPool(x, 2, 2, 'valid'), tf.avgPool(x, 2, 2, 'valid')) },
  { name: 'einsum', body: (x) => tf.einsum('bhwc,bhwd->bcd', x, x), differentiable: false },
  {
    name: 'space and depth',
    body: (x) => tf.depthToSpace(tf.slice(x, [0, 0, 0, 0], [2, 4, 4, 4]) as Tensor4D, 2),
    differentiable: false,
  },
];

describe('functions recorded as graphs', () => {
  let runtime: Runtime;
  let half: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    half = await createRuntime({ backend: 'tensorflow', computeType: 'bfloat16' });
  });

  const withGradient =
    ({ body, differentiable = true }: Case) =>
    ({ x }: { x: Tensor4D }): TensorRecord => {
      const value = body(x);
      if (!differentiable) return { value };
      // Weighted, so that no gradient cancels by symmetry.
      const weigh = (y: Tensor) => tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size), y.shape))));
      return { value, gradient: tf.grad((v) => weigh(body(v as Tensor4D)))(x) };
    };

  it.each(cases)('agree with eager ops: $name', async (test) => {
    const x = normal<Tensor4D>([2, 4, 4, 6], 7);
    const body = withGradient(test);
    const compiled = runtime.compile(test.name, body);
    // TensorFlow takes hold of numbers when they are first used.
    tf.dispose(tf.neg(x));
    const before = runtime.memory();
    const actual = await compiled({ x });
    const again = await compiled({ x });
    const expected = tf.tidy(() => body({ x }) as never) as TensorRecord;
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, tensor] of Object.entries(expected)) {
      expect((actual[name] as Tensor).dtype).toBe(tensor.dtype);
      expectClose(actual[name] as Tensor, tensor, 2e-6, name);
      expectClose(again[name] as Tensor, tensor, 2e-6, `${name} replayed`);
    }
    tf.dispose([actual, again, expected] as never);
    expect(runtime.memory()).toMatchObject({
      tensors: before.tensors,
      backendTensors: before.backendTensors,
    });
    compiled.dispose();
    x.dispose();
  });

  // What moves and adds numbers stays in bfloat16; products widen what they get, the rest is float32.
  it.each(cases)('agree with eager ops to bfloat16 behind a bfloat16 tensor: $name', async (test) => {
    const drawn = normal<Tensor4D>([2, 4, 4, 6], 7).dataSync() as Float32Array;
    const x = half.weight(new Uint8Array(drawn.slice().buffer), 'F32', [2, 4, 4, 6]) as Tensor4D;
    const body = withGradient({ ...test, body: (v) => test.body(tf.reverse(v, 0)) });
    const compiled = half.compile(test.name, body);
    const actual = await compiled({ x });
    const expected = tf.tidy(() => body({ x }) as never) as TensorRecord;
    for (const [name, tensor] of Object.entries(expected)) {
      // 8 bits of significand, rounded anew by each of up to a dozen ops and their gradients.
      expectClose(actual[name] as Tensor, tensor, 12 * 2 ** -8, name);
    }
    compiled.dispose();
    tf.dispose([x, actual, expected] as never);
  });
});
