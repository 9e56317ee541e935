import {
  createRandomSource,
  createRuntime,
  DraftError,
  type Reward,
  type Tensor1D,
  type Tensor4D,
  tf,
  withPixelShift,
} from '@draft/core';
import { expect, it } from 'vitest';

/** Scores each image by the weighted sum of its pixels, so that every place counts differently. */
const places = (height: number, width: number): Reward => ({
  differentiable: true,
  perSample: true,
  score: (images) =>
    tf.sum(
      tf.mul(images, tf.reshape(tf.range(0, height * width), [1, height, width, 1])),
      [1, 2, 3],
    ) as Tensor1D,
  dispose: () => {},
});

it.each(['tensorflow', 'wasm'] as const)(
  'moves what the reward sees by at most so many pixels, with the gradient, on %s',
  async (backend) => {
    const runtime = await createRuntime({ backend });
    const reward = withPixelShift(places(4, 6), 2);
    const values = Float32Array.from({ length: 2 * 4 * 6 * 3 }, (_, i) => Math.sin(i));
    const images = tf.tensor4d(values, [2, 4, 6, 3]);
    const at = (n: number, y: number, x: number, c: number) =>
      values[((n * 4 + Math.min(y, 3)) * 6 + Math.min(x, 5)) * 3 + c]!;
    const judge = runtime.compile('judge', ({ pixels, ...prepared }: Record<string, Tensor4D>) => {
      const scores = reward.score(pixels!, prepared);
      const gradient = tf.grad((x) => tf.sum(reward.score(x as Tensor4D, prepared)))(pixels!);
      return { scores, gradient };
    });
    const seen = new Set<string>();
    for (let iteration = 0; iteration < 24; iteration++) {
      const random = createRandomSource(iteration, 'test');
      const prepared = (await reward.prepare!({ prompts: ['', ''], random, iteration })) as Record<
        string,
        Tensor4D
      >;
      const [down, right] = [...(await prepared['shift.pixels']!.data())] as [number, number];
      seen.add(`${down} ${right}`);
      const { scores, gradient } = await judge({ ...prepared, pixels: images });
      const expected = [0, 1].map((n) => {
        let total = 0;
        for (let y = 0; y < 4; y++)
          for (let x = 0; x < 6; x++)
            for (let c = 0; c < 3; c++) total += (y * 6 + x) * at(n, y + down, x + right, c);
        return total;
      });
      (await scores.data()).forEach((score, n) => {
        // Sums of 72 products up to 23 in float32.
        expect(score).toBeCloseTo(expected[n]!, 3);
      });
      // Each place is looked at from `(y − down, x − right)`, the edges from several; what moved out is not.
      const slopes = await gradient.data();
      const wanted = new Array<number>(4 * 6).fill(0);
      for (let y = 0; y < 4; y++)
        for (let x = 0; x < 6; x++) wanted[Math.min(y + down, 3) * 6 + Math.min(x + right, 5)]! += y * 6 + x;
      wanted.forEach((slope, place) => {
        expect(slopes[place * 3]).toBeCloseTo(slope, 4);
      });
      tf.dispose([scores, gradient, ...Object.values(prepared)]);
    }
    expect(seen.size).toBeGreaterThan(5);
    for (const pair of seen) expect(pair).toMatch(/^[012] [012]$/);
    judge.dispose();
    images.dispose();
  },
);

it('leaves the reward alone at 0, and refuses what is no number of pixels', () => {
  const reward = places(2, 2);
  expect(withPixelShift(reward, 0)).toBe(reward);
  for (const wrong of [-1, 0.5, Number.NaN]) expect(() => withPixelShift(reward, wrong)).toThrow(DraftError);
});
