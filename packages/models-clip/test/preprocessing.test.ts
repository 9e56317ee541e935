import { openSafetensors, type Tensor, type Tensor4D, tf } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPreprocessing, type PreprocessingOptions, resizeWeights } from '../src/index.js';
import { fixture } from './support/fixture.js';

const file = openSafetensors(fixture('resize.safetensors'));
const floats = (key: string) => new Float32Array(file.read(key).buffer);
const image = (key: string): Tensor4D =>
  tf.tidy(() => {
    const shape = file.entries.get(key)!.shape as [number, number, number, number];
    return tf.transpose(tf.tensor4d(floats(key), shape), [0, 2, 3, 1]);
  });
const largest = (a: Tensor, b: Tensor): number => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const keys = [...file.entries.keys()];
const unit = { mean: [0, 0, 0], deviation: [1, 1, 1] } as const;

describe('resampling weights', () => {
  it.each(keys.filter((key) => key.startsWith('weights.')))('%s are those of PyTorch', (key) => {
    const [, kernel, antialias, sizes] = key.split('.') as [string, 'bilinear' | 'bicubic', string, string];
    const [from, to] = sizes.split('-').map(Number) as [number, number];
    const weights = resizeWeights(from, to, { kernel, antialias: antialias === 'antialias' });
    const expected = floats(key);
    expect(weights).toHaveLength(expected.length);
    // PyTorch's antialiased weights are float32 products of two of them.
    for (const [index, weight] of weights.entries()) expect(weight).toBeCloseTo(expected[index]!, 6);
  });

  it('are the published ones', () => {
    const row = (kernel: 'bilinear' | 'bicubic', antialias: boolean, out: number) =>
      [...resizeWeights(8, 3, { kernel, antialias }).slice(8 * out, 8 * out + 8)].map(
        (w) => Number(w.toFixed(6)) + 0,
      );
    expect(row('bilinear', false, 0)).toEqual([0.166667, 0.833333, 0, 0, 0, 0, 0, 0]);
    expect(row('bicubic', false, 1)).toEqual([0, 0, -0.09375, 0.59375, 0.59375, -0.09375, 0, 0]);
    expect(row('bicubic', true, 0)).toEqual([
      0.323769, 0.400089, 0.261352, 0.062269, -0.024996, -0.021742, -0.00074, 0,
    ]);
  });
});

describe('preprocessing', () => {
  const sizes = ['40x52', '61x33', '28x28', '17x20', '64x64'];
  const bicubic = { size: 28, kernel: 'bicubic', antialias: true } as const;
  const official: PreprocessingOptions = { ...bicubic, fit: 'crop', clamp: true, rounded: true };
  /** A step of 8 bits, divided by the smallest deviation. */
  const level = 1 / 255 / 0.26130258;

  it.each(sizes)(
    "gives the pixels of transformers' processors, to a level of 8 bits: image of %s",
    (size) => {
      const pixels = createPreprocessing(official)(image(`image.${size}`));
      const pillow = image(`official.${size}`);
      // Pillow resamples in whole numbers, so that halves fall to either side; torchvision in shorter ones.
      expect(largest(pixels, pillow)).toBeLessThan(1.01 * level);
      expect(largest(pixels, image(`torchvision.${size}`))).toBeLessThan(1.01 * level);
      const alike = tf.mean(tf.cast(tf.less(tf.abs(tf.sub(pixels, pillow)), 0.01 * level), 'float32'));
      expect(alike.dataSync()[0]).toBeGreaterThan(0.999);
    },
  );

  it('in 8 bits, has the gradient of what is not rounded, also beyond the range', () => {
    const x = image('image.40x52');
    const cotangent = tf.randomNormal([1, 28, 28, 3], 0, 1, 'float32', 4) as Tensor4D;
    const slopes = (options: PreprocessingOptions) =>
      tf.grad((value) => tf.sum(tf.mul(createPreprocessing(options)(value as Tensor4D), cotangent)))(x);
    const free = { ...official, clamp: false, rounded: false };
    expect(tf.max(createPreprocessing({ ...free, statistics: unit })(x)).dataSync()[0]).toBeGreaterThan(1);
    expect(tf.max(createPreprocessing({ ...official, statistics: unit })(x)).dataSync()[0]).toBe(1);
    expect(largest(slopes(official), slopes(free))).toBe(0);
  });

  it.each(
    sizes.flatMap((size): (readonly [string, string, PreprocessingOptions])[] => [
      ['pad', size, { ...bicubic, fit: 'pad', clamp: false }],
      // Of an odd margin, transformers leaves the smaller half out first, as here; torchvision rounds to even.
      ...(size === '61x33' ? [] : [['crop', size, { ...bicubic, fit: 'crop', clamp: false }] as const]),
      [
        'bilinear.plain',
        size,
        { ...bicubic, kernel: 'bilinear', antialias: false, fit: 'stretch', clamp: false },
      ],
      ['bilinear.antialias', size, { ...bicubic, kernel: 'bilinear', fit: 'stretch', clamp: false }],
    ]),
  )("gives torchvision's pixels: %s, image of %s", (name, size, options) => {
    const pixels = createPreprocessing(options)(image(`image.${size}`));
    expect(pixels.shape).toEqual([1, 28, 28, 3]);
    // Both in float32, also the places between pixels; divided by a deviation of 0.26.
    expect(largest(pixels, image(`${name}.${size}`))).toBeLessThan(2e-5);
  });

  it('has a gradient: that of a linear map, where nothing is clamped', () => {
    const resize = createPreprocessing({ ...bicubic, fit: 'crop', clamp: false });
    const x = image('image.40x52');
    const direction = tf.randomNormal([1, 40, 52, 3], 0, 1, 'float32', 3) as Tensor4D;
    const cotangent = tf.randomNormal([1, 28, 28, 3], 0, 1, 'float32', 4) as Tensor4D;
    const gradient = tf.grad((value) => tf.sum(tf.mul(resize(value as Tensor4D), cotangent)))(x);
    const along = tf.sum(tf.mul(gradient, direction)).dataSync()[0]!;
    const difference = tf.sub(resize(tf.add(x, direction) as Tensor4D), resize(x));
    const expected = tf.sum(tf.mul(difference, cotangent)).dataSync()[0]!;
    // A sum of thousands of float32 products.
    expect(along).toBeCloseTo(expected, 2);
  });

  it('leaves no tensors behind', () => {
    const x = image('image.40x52');
    const before = tf.memory().numTensors;
    createPreprocessing(official)(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
