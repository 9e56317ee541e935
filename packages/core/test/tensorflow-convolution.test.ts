import { beforeAll, describe, expect, it } from 'vitest';
import type { Runtime } from '../src/contracts/runtime.js';
import { type Conv2dOptions, conv2d } from '../src/primitives/conv2d.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { type Tensor, type Tensor4D, tf } from '../src/runtime/tf.js';
import { expectClose } from './support/close.js';
import { normal } from './support/random-tensor.js';

const uneven: Conv2dOptions['pad'] = [
  [2, 0],
  [1, 2],
];
const wide: Conv2dOptions['pad'] = [
  [1, 4],
  [0, 3],
];

/** The gradient of a linear map by its definition: what the cotangent weighs each pixel's picture with. */
const byDefinition = (x: Tensor4D, cotangent: Tensor, apply: (x: Tensor4D) => Tensor): Tensor =>
  tf.tidy(() => {
    const weights = Array.from({ length: x.size }, (_, i) => {
      const one = tf.reshape(tf.oneHot(tf.tensor1d([i], 'int32'), x.size), x.shape);
      return tf.sum(tf.mul(apply(tf.cast(one, 'float32') as Tensor4D), cotangent));
    });
    return tf.reshape(tf.stack(weights), x.shape);
  });

describe('a convolution and its gradient on TensorFlow', () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
  });

  it.each([
    ['many places, same', [2, 5, 4, 3], [3, 3, 3, 4], {}],
    ['many places, valid', [2, 5, 4, 3], [2, 3, 3, 4], { pad: 'valid' }],
    ['many places, uneven zeros', [1, 4, 4, 2], [3, 3, 2, 4], { pad: uneven }],
    ['many places, zeros wider than the kernel', [1, 3, 3, 2], [2, 3, 2, 4], { pad: wide }],
    ['stride 2', [1, 5, 7, 2], [3, 3, 2, 2], { stride: 2 }],
    ['few places, same', [2, 2, 2, 3], [3, 3, 3, 20], {}],
    ['few places, a kernel larger than the image', [2, 2, 1, 3], [3, 3, 3, 6], {}],
    ['few places, one tap', [1, 2, 2, 3], [1, 1, 3, 7], {}],
    ['few places, valid', [2, 4, 3, 3], [3, 2, 3, 9], { pad: 'valid' }],
    ['few places, uneven zeros', [1, 2, 2, 3], [3, 3, 3, 20], { pad: uneven }],
    ['few places, zeros wider than the kernel', [1, 1, 2, 3], [2, 3, 3, 50], { pad: wide }],
    ['few places, stride 2', [1, 3, 2, 2], [3, 3, 2, 9], { stride: 2 }],
  ] as const)('%s', async (_, imageShape, kernelShape, options: Conv2dOptions) => {
    const x = normal<Tensor4D>([...imageShape], 1);
    const weight = normal([...kernelShape], 2);
    const apply = (image: Tensor4D): Tensor4D => conv2d(image, { weight }, options);
    const cotangent = normal(
      tf.tidy(() => apply(x).shape),
      3,
    );
    const { stride = 1, pad = 'same' } = options;
    const border: [number, number][] | undefined =
      typeof pad === 'string' ? undefined : [[0, 0], [...pad[0]], [...pad[1]], [0, 0]];
    const kernels = (image: Tensor4D): Tensor =>
      tf.conv2d(
        border ? tf.pad(image, border) : image,
        weight as Tensor4D,
        stride,
        typeof pad === 'string' ? pad : 'valid',
      );
    const value = tf.tidy(() => kernels(x));
    const expected = byDefinition(x, cotangent, kernels);
    const compiled = runtime.compile('gradient', ({ x: image }: { x: Tensor4D }) => ({
      y: apply(image),
      dx: tf.grad((value: Tensor) => tf.sum(tf.mul(apply(value as Tensor4D), cotangent)))(image),
    }));
    const { y, dx } = await compiled({ x });
    expect(y.shape).toEqual(value.shape);
    expect(dx.shape).toEqual(x.shape);
    expectClose(y, value, 1e-5);
    expectClose(dx, expected, 1e-5);
    compiled.dispose();
    tf.dispose([x, weight, cotangent, value, expected, y, dx]);
  });
});
