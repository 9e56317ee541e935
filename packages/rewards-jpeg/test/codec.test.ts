import { createRuntime, type Tensor4D, tf } from '@draft/core';
import { createJpegCodec, jpegLoss, quantisationTable, softRound } from '@draft/reward-jpeg';
import { describe, expect, it } from 'vitest';
import { readFixture, readPixels } from './read-fixture.js';

/** Largest difference, as a share of the largest number. */
const relativeError = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(actual.length).toBe(expected.length);
  let [difference, scale] = [0, 1e-12];
  for (let index = 0; index < expected.length; index += 1) {
    difference = Math.max(difference, Math.abs(actual[index]! - expected[index]!));
    scale = Math.max(scale, Math.abs(expected[index]!));
  }
  return difference / scale;
};

const nchw = (tensor: Tensor4D) => tf.transpose(tensor, [0, 3, 1, 2]).dataSync();

/**
 * Where a coefficient lies half-way between two whole numbers, float32 and float64 may round it to different ones,
 * with an equal result; elsewhere sums of 64 (or 256) terms on the scale 0..255 hold some 1e-6 of it.
 */
const tolerance = 2e-5;

describe('the codec against published differentiable codes', () => {
  const fixture = readFixture('diffjpeg');
  const cases = [50, 80, 95].flatMap((quality) => [
    { quality, tableOrientation: 'libjpeg' as const, key: `q${quality}_standard_table` },
    { quality, tableOrientation: 'transposed' as const, key: `q${quality}_ref_transposed_table` },
  ]);

  const places = (['tensorflow', 'wasm', 'cpu'] as const).flatMap((backend) =>
    cases.map((options) => ({ ...options, backend })),
  );
  const title = 'agrees in picture and gradient at quality $quality, $tableOrientation, on $backend';
  it.each(places)(title, async ({ backend, ...options }) => {
    await createRuntime({ backend, computeType: 'float32' });
    tf.tidy(() => {
      const images = fixture.images('image_nchw');
      const codec = createJpegCodec(options);
      expect(
        relativeError(nchw(codec.roundTrip(images)), fixture.numbers(`${options.key}.out`)),
      ).toBeLessThan(tolerance);
      const error = (x: Tensor4D) => tf.mean(tf.square(tf.sub(codec.roundTrip(x), x)));
      const gradient = tf.grad((x) => error(x as Tensor4D))(images) as Tensor4D;
      // The slope of the rounding, 3 (x − round(x))², doubles the error of a coefficient.
      expect(relativeError(nchw(gradient), fixture.numbers(`${options.key}.grad`))).toBeLessThan(2e-4);
    });
  });

  // Figures of the published codes for this picture: mean, mean squared error and norm of its gradient.
  it.each([
    [50, 0.500026, 0.01530956, 0.00826874],
    [80, 0.500146, 0.01169715, 0.00769985],
    [95, 0.500793, 0.01066452, 0.00746858],
  ])('has their figures at quality %i', (quality, mean, error, norm) => {
    tf.tidy(() => {
      const images = fixture.images('image_nchw');
      const options = { quality, tableOrientation: 'transposed', distance: 'squared' } as const;
      const loss = jpegLoss(options);
      expect(tf.mean(createJpegCodec(options).roundTrip(images)).dataSync()[0]).toBeCloseTo(mean, 5);
      expect(loss(images).dataSync()[0]).toBeCloseTo(error, 7);
      const gradient = tf.grad((x) => tf.sum(loss(x as Tensor4D)))(images);
      expect(tf.norm(gradient).dataSync()[0]).toBeCloseTo(norm, 6);
    });
  });
});

describe('the codec against an independent one in float64', () => {
  const fixture = readFixture('round-trip');
  const cases = fixture.keys
    .filter((key) => key.endsWith('.error'))
    .map((key) => {
      const [name, quality, table] = key.split('.') as [string, string, string];
      return { name, quality: Number(quality.slice(1)), table, key: `${name}.${quality}.${table}` };
    });

  it.each(cases)('agrees on $key', ({ name, quality, table, key }) => {
    tf.tidy(() => {
      const images = fixture.images(`${name}.images`);
      const tableOrientation = table === 'standard' ? 'libjpeg' : 'transposed';
      const codec = createJpegCodec({ quality, tableOrientation });
      expect(relativeError(nchw(codec.roundTrip(images)), fixture.numbers(`${key}.out`))).toBeLessThan(
        tolerance,
      );
      const loss = jpegLoss({ quality, tableOrientation, distance: 'squared' });
      expect(relativeError(loss(images).dataSync(), fixture.numbers(`${key}.error`))).toBeLessThan(tolerance);
      const gradient = tf.grad((x) => tf.sum(loss(x as Tensor4D)))(images) as Tensor4D;
      expect(relativeError(nchw(gradient), fixture.numbers(`${key}.grad`))).toBeLessThan(2e-4);
      const hard = codec.roundTrip(images, tf.round);
      const error = tf.mean(tf.square(tf.sub(hard, images)), [1, 2, 3]);
      expect(relativeError(error.dataSync(), fixture.numbers(`${key}.hard_error`))).toBeLessThan(tolerance);
    });
  });
});

describe('the codec against libjpeg', () => {
  /** Peak signal to noise ratio in decibels, both rounded to whole numbers. */
  const ratio = (ours: Tensor4D, theirs: Float32Array) => {
    const numbers = Array.from(ours.dataSync(), (value) => Math.round(255 * value));
    const error =
      numbers.reduce((sum, value, index) => sum + (value - theirs[index]!) ** 2, 0) / numbers.length;
    return 10 * Math.log10(255 ** 2 / error);
  };
  const compare = (picture: string, quality: number, tableOrientation: 'libjpeg' | 'transposed') =>
    tf.tidy(() => {
      const fixture = readPixels('libjpeg');
      const hard = createJpegCodec({ quality, tableOrientation }).roundTrip(
        fixture.images(`${picture}.images`),
        tf.round,
      );
      const decibels = ratio(hard, fixture.numbers(`${picture}.q${quality}`));
      fixture.close();
      return decibels;
    });

  it.each([20, 50, 80])('comes closer with the table as libjpeg has it, at quality %i', (quality) => {
    const [upright, transposed] = [
      compare('grey', quality, 'libjpeg'),
      compare('grey', quality, 'transposed'),
    ];
    expect(upright).toBeGreaterThan(42);
    expect(upright).toBeGreaterThan(transposed + 4);
  });

  it.each([20, 50, 80, 95])('stays close in colour at quality %i', (quality) => {
    // libjpeg smooths chrominance when it doubles its size; ours repeats it.
    expect(compare('colour', quality, 'libjpeg')).toBeGreaterThan(35);
  });
});

describe('softRound', () => {
  it('is round(x) + (x − round(x))³ with slope 3 (x − round(x))²', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1.25, -0.4, 0, 0.2, 0.7, 3]);
      const expected = [-1 - 0.25 ** 3, -(0.4 ** 3), 0, 0.2 ** 3, 1 - 0.3 ** 3, 3];
      const values = softRound(x).dataSync();
      for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 6);
      const slopes = tf
        .grad((t) => tf.sum(softRound(t)))(x)
        .dataSync();
      for (const [index, rest] of [0.25, 0.4, 0, 0.2, 0.3, 0].entries()) {
        expect(slopes[index]).toBeCloseTo(3 * rest ** 2, 5);
      }
    });
  });
});

describe('quantisationTable', () => {
  it('is the standard’s at quality 50, halved at 75, doubled at 25', () => {
    const at = (quality: number) => quantisationTable('luminance', { quality, tableOrientation: 'libjpeg' });
    expect([...at(50).slice(0, 8)]).toEqual([16, 11, 10, 16, 24, 40, 51, 61]);
    expect([...at(75)]).toEqual([...at(50)].map((entry) => entry / 2));
    expect([...at(25)]).toEqual([...at(50)].map((entry) => entry * 2));
  });

  it('never falls below 1, so that quality 100 rounds to whole numbers', () => {
    const table = quantisationTable('chrominance', { quality: 100, tableOrientation: 'libjpeg' });
    expect([...table]).toEqual(new Array(64).fill(1));
  });

  it('turns luminance over on request; chrominance is symmetric', () => {
    const options = { quality: 50, tableOrientation: 'transposed' } as const;
    expect([...quantisationTable('luminance', options).slice(0, 4)]).toEqual([16, 12, 14, 14]);
    expect([...quantisationTable('chrominance', options)]).toEqual([
      ...quantisationTable('chrominance', { ...options, tableOrientation: 'libjpeg' }),
    ]);
  });
});
