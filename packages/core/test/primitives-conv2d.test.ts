import { expect, it } from 'vitest';
import { type Conv2dOptions, conv2d } from '../src/primitives/conv2d.js';
import { hasNativeKernels } from '../src/primitives/native.js';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';
import { checkPrimitive } from './support/check-primitive.js';
import { expectClose } from './support/close.js';
import { expectFiniteDifference } from './support/finite-difference.js';
import { countKernel, countOp } from './support/kernels.js';
import { normal } from './support/random-tensor.js';

type Sides = readonly [readonly [number, number], readonly [number, number]];

/** `first, first + stride, …`. */
const every = (count: number, first: number, stride: number): Tensor1D =>
  tf.tensor1d(
    Array.from({ length: count }, (_, i) => first + i * stride),
    'int32',
  );

/** Sum over the kernel's positions of shifted pixels times the matrix there: no convolution kernel involved. */
function shiftAndMultiply(
  x: Tensor4D,
  weight: Tensor4D,
  bias: Tensor | undefined,
  stride: number,
  sides: Sides,
) {
  const [kernelHeight, kernelWidth, , channels] = weight.shape;
  const padded = tf.pad(x, [[0, 0], [...sides[0]], [...sides[1]], [0, 0]]);
  const [n, height, width] = padded.shape;
  const rows = Math.floor((height - kernelHeight) / stride) + 1;
  const columns = Math.floor((width - kernelWidth) / stride) + 1;
  let sum: Tensor = tf.zeros([n, rows, columns, channels]);
  for (let p = 0; p < kernelHeight; p++) {
    for (let q = 0; q < kernelWidth; q++) {
      const shifted = tf.gather(tf.gather(padded, every(rows, p, stride), 1), every(columns, q, stride), 2);
      const matrix = tf.reshape(tf.slice(weight, [p, q, 0, 0], [1, 1, -1, -1]), [x.shape[3], channels]);
      const part = tf.matMul(tf.reshape(shifted, [-1, x.shape[3]]) as never, matrix as never);
      sum = tf.add(sum, tf.reshape(part, sum.shape));
    }
  }
  return bias ? tf.add(sum, bias) : sum;
}

/** Our own kernels read zeros where an image ends. */
const padsNatively = (): number =>
  countOp('PadV2', () =>
    tf.grad((x: Tensor) =>
      tf.sum(conv2d(x as Tensor4D, { weight: tf.ones([3, 3, 2, 2]) }, { pad: end, stride: 2 })),
    )(tf.zeros([1, 5, 5, 2])),
  );

interface Case {
  readonly name: string;
  readonly image: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly options: Conv2dOptions;
  readonly sides: Sides;
  /** Channels of the result; 4 unless told. */
  readonly channels?: number;
}

const none: Sides = [
  [0, 0],
  [0, 0],
];
const one: Sides = [
  [1, 1],
  [1, 1],
];
const end: Sides = [
  [0, 1],
  [0, 1],
];
const uneven: Sides = [
  [2, 0],
  [1, 2],
];
const wide: Sides = [
  [1, 4],
  [0, 3],
];

const cases: readonly Case[] = [
  { name: '3×3, same', image: [5, 4], kernel: [3, 3], options: {}, sides: one },
  { name: '3×3, valid', image: [5, 4], kernel: [3, 3], options: { pad: 'valid' }, sides: none },
  { name: '1×1', image: [3, 4], kernel: [1, 1], options: {}, sides: none },
  {
    name: '2×4, same',
    image: [4, 5],
    kernel: [2, 4],
    options: {},
    sides: [
      [0, 1],
      [1, 2],
    ],
  },
  { name: '3×3, ones around', image: [4, 4], kernel: [3, 3], options: { pad: one }, sides: one },
  { name: '3×3, uneven zeros', image: [4, 4], kernel: [3, 3], options: { pad: uneven }, sides: uneven },
  {
    name: '3×3, zeros wider than the kernel',
    image: [4, 4],
    kernel: [3, 3],
    options: { pad: wide },
    sides: wide,
  },
  {
    name: "UNet's downsampling",
    image: [6, 6],
    kernel: [3, 3],
    options: { stride: 2, pad: one },
    sides: one,
  },
  {
    name: "UNet's downsampling, odd",
    image: [5, 7],
    kernel: [3, 3],
    options: { stride: 2, pad: one },
    sides: one,
  },
  { name: "VAE's downsampling", image: [6, 6], kernel: [3, 3], options: { stride: 2, pad: end }, sides: end },
  {
    name: "VAE's downsampling, odd",
    image: [5, 7],
    kernel: [3, 3],
    options: { stride: 2, pad: end },
    sides: end,
  },
  { name: 'stride 2, same, even', image: [6, 4], kernel: [3, 3], options: { stride: 2 }, sides: end },
  { name: 'stride 2, same, odd', image: [5, 7], kernel: [3, 3], options: { stride: 2 }, sides: one },
  { name: 'patches', image: [8, 4], kernel: [4, 4], options: { stride: 4, pad: 'valid' }, sides: none },
  // With more channels than places TensorFlow's gradient goes tap by tap.
  {
    name: 'a kernel larger than the image',
    image: [2, 1],
    kernel: [3, 3],
    options: {},
    sides: one,
    channels: 6,
  },
  {
    name: 'few places, valid',
    image: [4, 3],
    kernel: [3, 2],
    options: { pad: 'valid' },
    sides: none,
    channels: 9,
  },
  {
    name: 'few places, uneven zeros',
    image: [2, 2],
    kernel: [3, 3],
    options: { pad: uneven },
    sides: uneven,
    channels: 20,
  },
  {
    name: 'few places, zeros wider than the kernel',
    image: [1, 2],
    kernel: [2, 3],
    options: { pad: wide },
    sides: wide,
    channels: 50,
  },
  {
    name: 'stride 2, valid, rest left over',
    image: [6, 7],
    kernel: [2, 3],
    options: { stride: 2, pad: 'valid' },
    sides: none,
  },
];

describeOnBackends('conv2d', (backend) => {
  it.each(cases)('$name: value and gradients', ({ image, kernel, options, sides, channels = 4 }) => {
    const shapes = [[2, ...image, 3], [...kernel, 3, channels], [channels]];
    const stride = options.stride ?? 1;
    if (backend === 'cpu') {
      checkPrimitive(
        (x, weight, bias) => conv2d(x as Tensor4D, { weight, bias }, options),
        (x, weight, bias) => shiftAndMultiply(x as Tensor4D, weight as Tensor4D, bias, stride, sides),
        shapes,
      );
      return;
    }
    // The wasm back end has no kernel for the gradient of the weight, nor for that of the reference's gathering.
    const [x, weight, bias] = shapes.map((shape, i) => normal(shape, i + 1)) as [Tensor4D, Tensor4D, Tensor];
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const apply = ([t, b]: readonly Tensor[]): Tensor =>
        conv2d(t as Tensor4D, { weight, bias: b }, options);
      const expected = shiftAndMultiply(x, weight, bias, stride, sides);
      expectClose(apply([x, bias]), expected);
      const cotangent = normal(expected.shape, 77);
      const loss = (inputs: readonly Tensor[]): Tensor => tf.sum(tf.mul(apply(inputs), cotangent));
      const gradients = tf.grads((...inputs: Tensor[]) => loss(inputs))([x, bias]);
      expectFiniteDifference(loss, [x, bias], gradients);
    });
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, weight, bias]);
  });

  it('works without a bias', () => {
    const [x, weight] = [normal<Tensor4D>([1, 4, 4, 2], 1), normal<Tensor4D>([3, 3, 2, 3], 2)];
    expectClose(conv2d(x, { weight }), shiftAndMultiply(x, weight, undefined, 1, one));
  });

  it('pads nothing where the zeros are those of TensorFlow', async () => {
    if (hasNativeKernels()) return expect(padsNatively()).toBe(0);
    const weight = normal([3, 3, 2, 2], 1);
    const gradient = (size: number, pad: Sides, stride: number): Promise<number> =>
      countKernel('PadV2', () =>
        tf.grad((x: Tensor) => tf.sum(conv2d(x as Tensor4D, { weight }, { pad, stride })))(
          tf.zeros([1, size, size, 2]),
        ),
      );
    expect(await gradient(6, one, 1)).toBe(0);
    expect(await gradient(6, end, 2)).toBe(0);
    expect(await gradient(6, one, 2)).toBe(1);
    expect(await gradient(5, end, 2)).toBe(1);
  });

  it('spends nothing on the gradients of frozen weights', async () => {
    const [x, weight, bias] = [normal<Tensor4D>([1, 4, 4, 2], 1), normal([3, 3, 2, 2], 2), normal([2], 3)];
    const count = (kernel: string): Promise<number> =>
      countKernel(kernel, () => tf.grad((t: Tensor) => tf.sum(conv2d(t as Tensor4D, { weight, bias })))(x));
    expect(await count('Conv2DBackpropFilter')).toBe(0);
    if (backend === 'tensorflow') return;
    expect(await count('Sum')).toBe(1); // the loss
  });

  it('says where the gradient of the weight is not to be had', () => {
    const x = normal<Tensor4D>([1, 4, 4, 2], 1);
    const gradient = () =>
      tf.grad((weight: Tensor) => tf.sum(conv2d(x, { weight })))(normal([3, 3, 2, 2], 2));
    if (backend !== 'wasm') expect(gradient().shape).toEqual([3, 3, 2, 2]);
    else {
      expect(gradient).toThrowError(
        expect.objectContaining({
          code: 'DRAFT_BACKEND_UNSUPPORTED',
          message: expect.stringContaining('TensorFlow'),
        }),
      );
    }
  });

  it.each([
    ['other channels', [1, 4, 4, 3], [3, 3, 2, 2], [2], {}],
    ['a bias of another size', [1, 4, 4, 2], [3, 3, 2, 2], [3], {}],
    ['an image without a batch', [4, 4, 2], [3, 3, 2, 2], [2], {}],
    ['half a stride', [1, 4, 4, 2], [3, 3, 2, 2], [2], { stride: 0.5 }],
    [
      'negative zeros',
      [1, 4, 4, 2],
      [3, 3, 2, 2],
      [2],
      {
        pad: [
          [-1, 0],
          [0, 0],
        ],
      },
    ],
  ] as const)('refuses %s', (_, x, weight, bias, options) => {
    const zeros = (shape: readonly number[]): Tensor => tf.zeros([...shape]);
    expect(() =>
      conv2d(zeros(x) as Tensor4D, { weight: zeros(weight), bias: zeros(bias) }, options),
    ).toThrowError(expect.objectContaining({ code: 'DRAFT_SHAPE' }));
  });
});
