import { cotangentWeights, type Plan, type SamplerStep, type SamplerTable } from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const coefficient = fc.double({ min: -1.5, max: 1.5, noNaN: true });

/** A random table, with or without a memory of the clean prediction before. */
const tables = fc
  .record({ multistep: fc.boolean(), size: fc.integer({ min: 1, max: 9 }) })
  .chain(({ multistep, size }) =>
    fc
      .array(
        fc.record({
          a: coefficient,
          b: coefficient,
          c: coefficient,
          h: coefficient,
          p: coefficient,
          q: coefficient,
        }),
        { minLength: size, maxLength: size },
      )
      .map(
        (rows): SamplerTable => ({
          initialNoiseScale: 1,
          steps: rows.map(
            (row, index): SamplerStep => ({
              ...row,
              timestep: size - index,
              inputScale: 1,
              h: multistep && index > 0 ? row.h : 0,
            }),
          ),
        }),
      ),
  );

/** Runs a chain on scalars with given noise predictions, cutting where the plan does; the finished latent. */
const finished = (table: SamplerTable, plan: Plan, epsilon: readonly number[]) => {
  let x = 0.7;
  let before = 0;
  for (const [index, { a, b, c, h, p, q }] of table.steps.entries()) {
    const t = plan.steps - index;
    const e = epsilon[index]!;
    // A cut replaces what arrives by a constant.
    if (t === plan.cutState) [x, before] = [0.3, -0.4];
    const clean = p * x + q * e;
    if (t === plan.stop) return clean;
    [x, before] = [a * x + b * e + h * before + c * 0.2, clean];
  }
  return x;
};

const planOf = (table: SamplerTable, stop: number, cutState: number | null): Plan => ({
  steps: table.steps.length,
  train: table.steps.map((_, index) => table.steps.length - index).filter((t) => t >= stop),
  stop,
  detachInput: true,
  cutState,
  copies: 0,
});

describe('cotangentWeights', () => {
  it('is the derivative of the finished latent in each noise prediction', () => {
    fc.assert(
      fc.property(tables, fc.nat(), fc.nat(), fc.boolean(), (table, stopDraw, cutDraw, cuts) => {
        const steps = table.steps.length;
        const stop = stopDraw % (steps + 1);
        const plan = planOf(table, stop, cuts ? Math.max(1, stop, cutDraw % (steps + 1)) : null);
        const weights = cotangentWeights(table, plan);
        expect([...weights.keys()].sort((a, b) => b - a)).toEqual(plan.train);
        const zeros = new Array<number>(steps).fill(0);
        for (const t of plan.train) {
          // The chain is affine in the predictions, so a difference over any distance is the derivative.
          const moved = zeros.with(steps - t, 1);
          const derivative = finished(table, plan, moved) - finished(table, plan, zeros);
          expect(weights.get(t)! - derivative).toBeCloseTo(0, 9);
        }
      }),
    );
  });

  it('is b_t times the product of later a where each step stands alone', () => {
    const table: SamplerTable = {
      initialNoiseScale: 1,
      steps: [
        { timestep: 2, inputScale: 1, a: 2, b: 3, c: 0, h: 0, p: 5, q: 7 },
        { timestep: 1, inputScale: 1, a: 11, b: 13, c: 0, h: 0, p: 17, q: 19 },
        { timestep: 0, inputScale: 1, a: 23, b: 29, c: 0, h: 0, p: 31, q: 37 },
      ],
    };
    expect([...cotangentWeights(table, planOf(table, 0, null))]).toEqual([
      [1, 29],
      [2, 13 * 23],
      [3, 3 * 11 * 23],
    ]);
    // An early stop at step 2 ends on its prediction p x + q ε.
    expect([...cotangentWeights(table, planOf(table, 2, null))]).toEqual([
      [2, 19],
      [3, 3 * 17],
    ]);
    expect(cotangentWeights(table, { ...planOf(table, 0, null), train: [3] }).get(3)).toBe(3 * 11 * 23);
  });

  it('adds the way through the previous clean prediction', () => {
    const table: SamplerTable = {
      initialNoiseScale: 1,
      steps: [
        { timestep: 1, inputScale: 1, a: 2, b: 3, c: 0, h: 0, p: 5, q: 7 },
        { timestep: 0, inputScale: 1, a: 11, b: 13, c: 0, h: 17, p: 19, q: 23 },
      ],
    };
    expect(cotangentWeights(table, planOf(table, 0, null)).get(2)).toBe(3 * 11 + 7 * 17);
    // Stopping at step 1 uses its prediction, which has no memory.
    expect(cotangentWeights(table, planOf(table, 1, null)).get(2)).toBe(3 * 19);
  });
});
