import { type Reward, type Tensor4D, tf } from '@draft/core';
import symmetry, { createSymmetry, symmetryOptions } from '@draft/reward-symmetry';
import { describe, expect, it } from 'vitest';

/** Reproducible pixels in `[0, 1)`. */
const pixels = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, index) => {
    const wave = Math.sin((index + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return wave - Math.floor(wave);
  });

const score = (images: Tensor4D, options: Parameters<typeof createSymmetry>[0] = { axis: 'left-right' }) =>
  tf.tidy(() => Array.from(createSymmetry(options).score(images, {}).dataSync()));

/** The definition, in plain loops. */
const reference = (image: Float32Array, height: number, width: number, axis: 'left-right' | 'top-bottom') => {
  const at = (y: number, x: number, c: number) => image[(y * width + x) * 3 + c]!;
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  const variance = image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.length;
  let difference = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < 3; c += 1) {
        const other = axis === 'left-right' ? at(y, width - 1 - x, c) : at(height - 1 - y, x, c);
        difference += Math.abs(at(y, x, c) - other);
      }
  return -difference / image.length / Math.sqrt(variance);
};

describe('symmetry', () => {
  it('is −mean|I − flip(I)| / std(I), per image', () => {
    const data = pixels(2 * 5 * 6 * 3, 1);
    const images = tf.tensor4d(data, [2, 5, 6, 3]);
    const halves = [data.slice(0, 90), data.slice(90)];
    for (const axis of ['left-right', 'top-bottom'] as const) {
      const expected = halves.map((half) => reference(half, 5, 6, axis));
      for (const [index, value] of score(images, { axis }).entries()) {
        expect(value).toBeCloseTo(expected[index]!, 5); // float32 sums of 90 numbers
      }
    }
    const both = (reference(halves[0]!, 5, 6, 'left-right') + reference(halves[0]!, 5, 6, 'top-bottom')) / 2;
    expect(score(images, { axis: 'both' })[0]).toBeCloseTo(both, 5);
    images.dispose();
  });

  it('scores two pixels by hand: 0 and 1 differ by 1 at a deviation of 1/2', () => {
    const images = tf.tensor4d([0, 0, 0, 1, 1, 1], [1, 1, 2, 3]);
    expect(score(images)).toEqual([-2]);
    expect(score(images, { axis: 'top-bottom' })[0]).toBeCloseTo(0, 12);
    images.dispose();
  });

  it('scores a mirror image 0, and no image higher', () => {
    const half = tf.tensor4d(pixels(4 * 4 * 3, 2), [1, 4, 4, 3]);
    const whole = tf.concat([half, tf.reverse(half, 2)], 2) as Tensor4D;
    expect(score(whole)[0]).toBeCloseTo(0, 12);
    expect(score(half)[0]).toBeLessThan(-0.5);
    tf.dispose([half, whole]);
  });

  it('does not change with brightness, contrast or mirroring', () => {
    const images = tf.tensor4d(pixels(6 * 6 * 3, 3), [1, 6, 6, 3]);
    const [value] = score(images);
    expect(score(tf.add(tf.mul(images, 0.4), 0.3) as Tensor4D)[0]).toBeCloseTo(value!, 5);
    expect(score(tf.reverse(images, 2) as Tensor4D)[0]).toBeCloseTo(value!, 6);
    images.dispose();
  });

  it.each(['left-right', 'top-bottom', 'both'] as const)(
    'has the gradient of its finite differences, %s',
    (axis) => {
      const data = pixels(2 * 4 * 5 * 3, 4);
      const reward = createSymmetry({ axis });
      const images = tf.tensor4d(data, [2, 4, 5, 3]);
      const total = (x: Tensor4D) => tf.sum(reward.score(x, {}));
      const gradient = tf
        .grad((x) => total(x as Tensor4D))(images)
        .dataSync();
      const step = 1e-3;
      for (const index of [0, 7, 31, 59, 60, 88, 119]) {
        const at = (sign: number) =>
          tf.tidy(() => {
            const moved = Float32Array.from(data);
            moved[index] = moved[index]! + sign * step;
            return total(tf.tensor4d(moved, [2, 4, 5, 3])).dataSync()[0]!;
          });
        // float32 values near 2 hold 2e-7, divided by the step
        expect(gradient[index]).toBeCloseTo((at(1) - at(-1)) / (2 * step), 3);
      }
    },
  );

  it('stays finite on a constant image, and leaves its batch alone', () => {
    const flat = tf.fill([1, 4, 4, 3], 0.5) as Tensor4D;
    const other = tf.tensor4d(pixels(48, 5), [1, 4, 4, 3]);
    const batch = tf.concat([flat, other]) as Tensor4D;
    const values = score(batch);
    expect(values[0]).toBeCloseTo(0, 12);
    expect(values[1]).toBeCloseTo(score(other)[0]!, 6);
    const gradient = tf.grad((x) => tf.sum(createSymmetry({ axis: 'both' }).score(x as Tensor4D, {})))(batch);
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true);
    tf.dispose([flat, other, batch, gradient]);
  });

  it('leaves no tensors behind', () => {
    const images = tf.tensor4d(pixels(48, 6), [1, 4, 4, 3]);
    const reward = symmetry.create(
      { axis: 'both' },
      { log: () => {}, runtime: undefined as never },
    ) as Reward;
    const before = tf.memory().numTensors;
    reward.score(images, {}).dispose();
    tf.dispose(tf.grad((x) => tf.sum(reward.score(x as Tensor4D, {})))(images));
    expect(tf.memory().numTensors).toBe(before);
    reward.dispose();
    images.dispose();
  });

  it('validates its options strictly', () => {
    expect(symmetryOptions.parse({})).toEqual({ axis: 'left-right' });
    expect(symmetryOptions.safeParse({ axis: 'diagonal' }).success).toBe(false);
    expect(symmetryOptions.safeParse({ axes: 'both' }).success).toBe(false);
  });
});
