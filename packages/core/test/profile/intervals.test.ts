import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covered, lanesOf, lengthOf, uncovered } from '../../src/runtime/profile/intervals.js';

const interval = fc
  .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 20 }))
  .map(([start, length]) => ({ start, end: start + length }));
const intervals = fc.array(interval, { maxLength: 20 });

/** Whether the middle of the unit that begins at `at` is covered. */
const holds = (some: readonly { readonly start: number; readonly end: number }[], at: number) =>
  some.some(({ start, end }) => start <= at && at < end);

const times = Array.from({ length: 75 }, (_, at) => at);

describe('intervals', () => {
  it('covers what any of them covers, in pieces apart', () => {
    fc.assert(
      fc.property(intervals, (some) => {
        const pieces = covered(some);
        expect(times.filter((at) => holds(pieces, at))).toEqual(times.filter((at) => holds(some, at)));
        pieces.forEach((piece, i) => {
          if (i > 0) expect(piece.start).toBeGreaterThan((pieces[i - 1] as { end: number }).end);
        });
      }),
    );
  });

  it('leaves uncovered what is left of the whole', () => {
    fc.assert(
      fc.property(intervals, interval, (some, whole) => {
        const gaps = uncovered(some, whole);
        const left = times.filter((at) => holds([whole], at) && !holds(some, at));
        expect(times.filter((at) => holds(gaps, at))).toEqual(left);
        expect(lengthOf(gaps)).toBeLessThanOrEqual(lengthOf([whole]));
      }),
    );
  });

  it('lets none overlap in its lane, and opens no lane that is not needed', () => {
    fc.assert(
      fc.property(intervals, (some) => {
        const sorted = [...some].filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
        const lanes = lanesOf(sorted);
        sorted.forEach((a, i) => {
          sorted.slice(0, i).forEach((b, j) => {
            if (lanes[i] === lanes[j]) expect(a.start).toBeGreaterThanOrEqual(b.end);
          });
        });
        const most = Math.max(
          0,
          ...sorted.map(({ start }) => sorted.filter((b) => b.start <= start && start < b.end).length),
        );
        expect(new Set(lanes).size).toBe(most);
      }),
    );
  });
});
