import { createRandomSource, type Tensor4D, tf } from '@draft/core';
import rotation, {
  createRotation,
  type QuarterTurn,
  rotateImages,
  rotationOptions,
} from '@draft/reward-rotation';
import { describeReward } from '@draft/testing';
import { describe, expect, it } from 'vitest';

const runner = { describe, it };
describeReward(rotation, { runner, package: import.meta.url });
describeReward(rotation, { runner, options: { angles: [90] }, label: '90 degrees' });

const score = (images: Tensor4D, angles: QuarterTurn[] = [90, 180, 270]) =>
  tf.tidy(() => Array.from(createRotation({ angles }).score(images, {}).dataSync()));

const noise = (shape: [number, number, number, number], seed: number) =>
  tf.tensor4d(createRandomSource(seed).normal(shape.reduce((a, b) => a * b, 1)), shape);

/** One channel in three, so that numbers can be read. */
const grey = (rows: readonly (readonly number[])[]) =>
  tf.tensor4d([rows.map((row) => row.map((value) => [value, value, value]))]);

describe('rotateImages', () => {
  it('turns counter-clockwise', () => {
    const image = grey([
      [1, 2],
      [3, 4],
    ]);
    const turned = (angle: QuarterTurn) =>
      tf.tidy(() => Array.from(rotateImages(image, angle).dataSync()).filter((_, i) => i % 3 === 0));
    expect(turned(90)).toEqual([2, 4, 1, 3]);
    expect(turned(180)).toEqual([4, 3, 2, 1]);
    expect(turned(270)).toEqual([3, 1, 4, 2]);
    image.dispose();
  });
});

describe('the rotation reward', () => {
  it('scores pictures by hand', () => {
    // Centred: −1.5 −0.5 / 0.5 1.5, variance 1.25; 180° turns the signs, 90° gives products that cancel.
    const ramp = grey([
      [0, 1],
      [2, 3],
    ]);
    expect(score(ramp, [180])[0]).toBeCloseTo(1, 6);
    expect(score(ramp, [90])[0]).toBeCloseTo(0, 6);
    expect(score(ramp)[0]).toBeCloseTo(1 / 3, 6);
    const checks = grey([
      [0, 1],
      [1, 0],
    ]);
    expect(score(checks, [90])[0]).toBeCloseTo(1, 6);
    expect(score(checks, [180])[0]).toBeCloseTo(-1, 6);
    tf.dispose([ramp, checks]);
  });

  it('scores −1 what looks the same from all sides, and nothing more than 1/3', () => {
    const image = noise([3, 8, 8, 3], 1);
    const round = tf.tidy(() =>
      tf.addN([image, ...([90, 180, 270] as const).map((angle) => rotateImages(image, angle))]),
    ) as Tensor4D;
    for (const value of score(round)) expect(value).toBeCloseTo(-1, 5);
    const rest = tf.sub(image, tf.div(round, 4)) as Tensor4D;
    for (const value of score(rest)) expect(value).toBeCloseTo(1 / 3, 5);
    for (const value of score(image)) expect(value).toBeLessThan(1 / 3);
    tf.dispose([image, round, rest]);
  });

  it('does not change with brightness, contrast or rotation, nor with what lies beside the middle', () => {
    const image = noise([1, 6, 6, 3], 2);
    const [value] = score(image);
    const changed = [
      tf.add(tf.mul(image, 0.3), 0.4),
      rotateImages(image, 90),
      tf.pad(image, [
        [0, 0],
        [2, 2],
        [0, 0],
        [0, 0],
      ]),
    ];
    for (const other of changed) expect(score(other as Tensor4D)[0]).toBeCloseTo(value!, 5);
    tf.dispose([image, changed]);
  });

  it('validates its options strictly', () => {
    expect(rotationOptions.parse({})).toEqual({ angles: [90, 180, 270] });
    for (const wrong of [{ angles: [] }, { angles: [45] }, { angle: 90 }]) {
      expect(rotationOptions.safeParse(wrong).success).toBe(false);
    }
  });
});
