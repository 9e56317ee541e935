import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentsOf, standardErrorOf } from '../src/evaluate/statistics/moments.js';
import { averageScoreOf, styleScoreOf } from '../src/evaluate/statistics/style-score.js';
import { wilsonInterval, winRateOf } from '../src/evaluate/statistics/win-rate.js';

describe('mean and spread', () => {
  it('are those of the textbook', () => {
    expect(momentsOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
      count: 8,
      mean: 5,
      standardDeviation: Math.sqrt(32 / 7),
    });
    expect(momentsOf([3]).standardDeviation).toBeNull();
    // Far from 0 next to its spread.
    expect(momentsOf([1e8 + 1, 1e8 + 3]).standardDeviation).toBeCloseTo(Math.SQRT2, 6);
  });

  it('take the pictures of one prompt for one measurement', () => {
    const alike = [
      [1, 1, 1],
      [2, 2, 2],
    ];
    expect(standardErrorOf(alike)).toBeCloseTo(Math.sqrt(0.5) / Math.sqrt(2), 12);
    expect(standardErrorOf([[1], [3]])).toBeCloseTo(1, 12);
    expect(standardErrorOf([[1, 3]])).toBeCloseTo(1, 12);
    expect(standardErrorOf([[1]])).toBeNull();
  });
});

describe('win rate', () => {
  it('counts ties half', () => {
    expect(winRateOf([[0.1], [-0.1], [0], [2]])).toMatchObject({ wins: 2, ties: 1, losses: 1, rate: 0.625 });
  });

  it("has Wilson's interval", () => {
    // Published values for 8 of 10 and 0 of 10.
    const [low, high] = wilsonInterval(0.8, 10);
    expect([low, high]).toEqual([expect.closeTo(0.490162, 6), expect.closeTo(0.943318, 6)]);
    expect(wilsonInterval(0, 10)).toEqual([0, expect.closeTo(0.2775, 4)]);
    const wins = (count: number, of: number) => Array.from({ length: of }, (_, i) => [i < count ? 1 : -1]);
    const independent = winRateOf(wins(8, 10));
    // The variance has 9 degrees of freedom, so ten pairs are worth nine prompts' variance, but no fewer than ten.
    expect([independent.low, independent.high]).toEqual([
      expect.closeTo(0.490162, 6),
      expect.closeTo(0.943318, 6),
    ]);
  });

  it('is less sure where the pictures of a prompt win together', () => {
    const together = winRateOf([...Array(8).fill([1, 1, 1, 1]), ...Array(8).fill([-1, -1, -1, -1])]);
    const mixed = winRateOf(Array(16).fill([1, 1, -1, -1]));
    expect(together.rate).toBe(mixed.rate);
    expect([together.low, together.high]).toEqual([...wilsonInterval(0.5, 16)]);
    expect([mixed.low, mixed.high]).toEqual([...wilsonInterval(0.5, 16)]);
    const scattered = Array.from({ length: 16 }, (_, i) => (i % 2 ? [1, 1, 1, -1] : [1, -1, -1, -1]));
    const { low, high } = winRateOf(scattered);
    expect([low, high]).toEqual([...wilsonInterval(0.5, 60)]);
  });

  it('lies within its interval, and that within 0 and 1', () => {
    const difference = fc.constantFrom(-1, 0, 1, 0.5);
    fc.assert(
      fc.property(fc.array(fc.array(difference, { minLength: 1 }), { minLength: 1 }), (groups) => {
        const { rate, low, high, wins, ties, losses } = winRateOf(groups);
        expect(wins + ties + losses).toBe(groups.flat().length);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        // To rounding, at the ends.
        expect(rate).toBeGreaterThanOrEqual(low - 1e-12);
        expect(rate).toBeLessThanOrEqual(high + 1e-12);
      }),
    );
  });
});

describe("HPSv2's benchmark", () => {
  /** Scores that any language can repeat. */
  const scores = (style: number, count: number): readonly number[] =>
    Array.from({ length: count }, (_, i) => 0.2 + 0.1 * (((i * i * 7 + 13 * i + 31 * style) % 101) / 101));

  it('has the numbers that NumPy gives for its own evaluation', () => {
    // np.mean and np.std over [np.mean(100 x[i:i+80]) for i in range(0, 800, 80)].
    const expected = [
      [24.756188118811885, 0.14583073669270444],
      [25.050495049504953, 0.10958639524029669],
      [24.357301980198024, 0.11986825400744065],
      [24.951608910891093, 0.09436254239846086],
    ];
    const styles = expected.map((_, style) => scores(style, 800));
    for (const [style, [mean = 0, deviation = 0]] of expected.entries()) {
      const score = styleScoreOf(styles[style] ?? []);
      expect(score.parts).toHaveLength(10);
      expect(100 * score.mean).toBeCloseTo(mean, 9);
      expect(100 * score.deviation).toBeCloseTo(deviation, 9);
    }
    expect(100 * averageScoreOf(styles)).toBeCloseTo(24.778898514851484, 9);
  });

  it('weighs a shorter last part as the others, as its own evaluation does', () => {
    const score = styleScoreOf(scores(5, 190));
    expect(score.parts.map((part) => 100 * part)).toEqual([
      expect.closeTo(24.503712871287128, 9),
      expect.closeTo(24.565594059405942, 9),
      expect.closeTo(24.339933993399345, 9),
    ]);
    expect(100 * score.mean).toBeCloseTo(24.469746974697472, 9);
    expect(100 * score.deviation).toBeCloseTo(0.09520461454460367, 9);
  });

  it('gives the published average of Stable Diffusion 1.4 from its styles', () => {
    const published = [27.26, 26.61, 26.66, 27.27];
    const styles = published.map((score) => Array(800).fill(score / 100) as number[]);
    expect((100 * averageScoreOf(styles)).toFixed(2)).toBe('26.95');
    expect(styleScoreOf(styles[0] ?? []).deviation).toBeCloseTo(0, 12);
  });
});
