import { type BackendName, createRandomSource, type Tensor4D, type TensorRecord, tf } from '@draft/core';
import { type ConformanceCheck, expectThat } from './conformance-check.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import { type RewardBench, testImages, withReward } from './reward-bench.js';
import type { FullRewardSettings } from './reward-settings.js';

/** Tried in turn: a short step is drowned by rounding, a long one by curvature and by jumps. */
const steps = [1e-3, 1e-2, 1e-4] as const;

const directions = 5;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Directions `d` of 0 and ±1 that are tried; each takes the slopes and random numbers in `[0, 1)` of its own. */
const directionsAlong = {
  /** Uphill in a random half of the pixels: what every pixel gains adds up, so kinks and rounding weigh little. */
  uphill: (slope: number, drawn: number) => (drawn < 0.5 ? 0 : Math.sign(slope)),
  /** Any way: finds what a gradient leaves out, but each kink that is crossed counts. */
  anyway: (_: number, drawn: number) => (drawn < 0.5 ? -1 : 1),
} as const;

/** `|⟨g, d⟩ − (s(x + h d) − s(x − h d)) / 2h|` relative to `max(|⟨g, d⟩|, ‖g‖)`; the median of some directions. */
const differenceError = async (
  bench: RewardBench,
  images: Tensor4D,
  prepared: TensorRecord,
  slopes: readonly number[],
  kind: keyof typeof directionsAlong,
  step: number,
): Promise<number> => {
  const norm = Math.hypot(...slopes);
  const errors: number[] = [];
  for (let trial = 0; trial < directions; trial += 1) {
    const random = createRandomSource(5, kind, trial);
    const signs = Float32Array.from(slopes, (slope) => directionsAlong[kind](slope, random.uniform()));
    const direction = tf.tensor(signs, images.shape);
    const moved = async (h: number) => {
      const at = tf.add(images, tf.mul(direction, h)) as Tensor4D;
      const scores = await bench.score(at, prepared);
      at.dispose();
      return scores;
    };
    const [up, down] = [await moved(step), await moved(-step)];
    direction.dispose();
    // Image by image, as the sum of float32 scores would lose what is looked for.
    const difference = up.reduce((sum, value, i) => sum + value - (down[i] ?? Number.NaN), 0) / (2 * step);
    const along = slopes.reduce((sum, value, i) => sum + value * (signs[i] ?? 0), 0);
    errors.push(Math.abs(along - difference) / Math.max(Math.abs(along), norm));
  }
  return errors.some(Number.isNaN) ? Number.NaN : median(errors);
};

const percent = (error: number): string => `${(100 * error).toFixed(1)} %`;

/** Compares a gradient with differences over steps of several lengths, of which the best counts. */
const compareDifferences = async (
  bench: RewardBench,
  images: Tensor4D,
  prepared: TensorRecord,
  slopes: readonly number[],
  tolerances: Readonly<Record<keyof typeof directionsAlong, number>>,
): Promise<void> => {
  for (const [kind, tolerance] of Object.entries(tolerances) as [keyof typeof tolerances, number][]) {
    const errors: number[] = [];
    for (const step of steps) {
      errors.push(await differenceError(bench, images, prepared, slopes, kind, step));
      if ((errors.at(-1) ?? 1) <= tolerance) break;
    }
    expectThat(
      errors.some((error) => error <= tolerance),
      `its gradient is off by ${errors.map(percent).join(', ')} from differences over ${steps.join(', ')} (${kind}; allowed: ${percent(tolerance)})`,
    );
  }
};

/** What the gradient of a reward has to be, on one back end. */
export const gradientChecks = (
  plugin: AnyRewardPlugin,
  settings: FullRewardSettings,
  backend: BackendName,
): readonly ConformanceCheck[] => [
  {
    title: `has the gradient of its finite differences, on ${backend}`,
    run: () =>
      withReward(plugin, settings, backend, async (bench) => {
        if (!bench.reward.differentiable) return;
        const images = testImages(2, settings.size, 5);
        const prepared = await bench.prepare(2);
        const gradient = bench.gradient(images, prepared);
        const slopes = Array.from(await gradient.data());
        const norm = Math.hypot(...slopes);
        expectThat(Number.isFinite(norm), `the norm of its gradient is ${norm}`);
        expectThat(norm > 0, 'its gradient is 0 everywhere, so nothing can be learnt from it');
        await compareDifferences(bench, images, prepared, slopes, {
          uphill: settings.gradientTolerance,
          anyway: 10 * settings.gradientTolerance,
        });
        tf.dispose([images, prepared, gradient]);
      }),
  },
  {
    title: `stays finite on flat pictures, on ${backend}`,
    run: () =>
      withReward(plugin, settings, backend, async (bench) => {
        for (const shade of [0, 0.5, 1]) {
          const images = tf.fill([2, ...settings.size, 3], shade) as Tensor4D;
          const prepared = await bench.prepare(2);
          const scores = await bench.score(images, prepared);
          expectThat(
            scores.every(Number.isFinite),
            `pictures of the shade ${shade} score ${scores.join(', ')}`,
          );
          if (bench.reward.differentiable) {
            const gradient = bench.gradient(images, prepared);
            const values = await gradient.data();
            expectThat(
              values.every(Number.isFinite),
              `its gradient is no number on pictures of the shade ${shade}: training would stop there`,
            );
            gradient.dispose();
          }
          tf.dispose([images, prepared]);
        }
      }),
  },
];
