import { type LearningRateOptions, learningRateAt, learningRateSchedules } from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const rates = (options: Omit<LearningRateOptions, 'base'>, iterations: readonly number[]) =>
  iterations.map((iteration) => learningRateAt(iteration, { base: 8, ...options }));

describe('learningRateAt', () => {
  it('stays', () => {
    expect(rates({ iterations: 10 }, [0, 5, 9])).toEqual([8, 8, 8]);
  });

  it('falls in equal parts', () => {
    expect(rates({ schedule: 'linear', iterations: 4 }, [0, 1, 2, 3, 4])).toEqual([8, 6, 4, 2, 0]);
  });

  it('falls as half a cosine', () => {
    const [first, middle, last] = rates({ schedule: 'cosine', iterations: 8 }, [0, 4, 8]);
    expect(first).toBe(8);
    expect(middle).toBeCloseTo(4, 12);
    expect(last).toBeCloseTo(0, 12);
  });

  it('falls with the root of the iterations', () => {
    expect(rates({ schedule: 'sqrt', iterations: 100 }, [0, 3, 15, 63])).toEqual([8, 4, 2, 1]);
    expect(rates({ schedule: 'sqrt', iterations: 100, warmup: 4 }, [3, 4, 15])).toEqual([
      8,
      8 * Math.sqrt(4 / 5),
      4,
    ]);
  });

  it('rises in equal parts over the warm-up', () => {
    expect(rates({ iterations: 10, warmup: 4 }, [0, 1, 2, 3, 4])).toEqual([2, 4, 6, 8, 8]);
    expect(rates({ schedule: 'linear', iterations: 6, warmup: 2 }, [1, 2, 4, 6])).toEqual([8, 8, 4, 0]);
  });

  it('never rises after the warm-up, and never leaves 0..base', () => {
    const shapes = fc.record({
      schedule: fc.constantFrom(...learningRateSchedules),
      iterations: fc.integer({ min: 1, max: 200 }),
      warmup: fc.nat(50),
    });
    fc.assert(
      fc.property(shapes, (shape) => {
        const all = rates(
          shape,
          Array.from({ length: shape.iterations }, (_, index) => index),
        );
        expect(all.every((rate) => rate >= 0 && rate <= 8)).toBe(true);
        const after = all.slice(shape.warmup);
        expect(after.every((rate, index) => index === 0 || rate <= after[index - 1]!)).toBe(true);
      }),
    );
  });
});
