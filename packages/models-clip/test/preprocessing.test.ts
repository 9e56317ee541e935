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
  const official: PreprocessingOptions = { ...bicubic, fit: 'crop', clamp: true };

  it.each(sizes)("gives transformers' pixels of an image of %s, but for rounding to 8 bits", (size) => {
    const pixels = createPreprocessing(official)(image(`image.${size}`));
    const eightBits = 1 / 255 / 0.26130258;
    // Pillow rounds after each of two resamplings; the second spreads the first's error of 1/2 by weights whose
    // absolute values sum to 1.3 at most.
    expect(largest(pixels, image(`official.${size}`))).toBeLessThan(1.2 * eightBits);
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
    const resize = createPreprocessing({ ...official, clamp: false });
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
