import type { Plan, SamplerStep, SamplerTable } from '@draft/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Cotangent,
  disposeCotangent,
  noiseCotangent,
  previousCotangent,
} from '../../src/chain/adjoint.js';
import { type Tensor4D, tf } from '../../src/runtime/tf.js';

// Small integers: every product and sum of such a chain is exact in float32.
const coefficient = fc.integer({ min: -3, max: 3 });

/** A random table, with or without a memory of the clean prediction before. */
const tables = fc
  .record({ multistep: fc.boolean(), size: fc.integer({ min: 1, max: 8 }) })
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
  let x = 7;
  let before = 0;
  for (const [index, { a, b, c, h, p, q }] of table.steps.entries()) {
    const t = plan.steps - index;
    const e = epsilon[index]!;
    // A cut replaces what arrives by a constant.
    if (t === plan.cutState) [x, before] = [3, -4];
    const clean = p * x + q * e;
    if (t === plan.stop) return clean;
    [x, before] = [a * x + b * e + h * before + c * 2, clean];
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

const scalar = (value: number) => tf.tensor4d([value], [1, 1, 1, 1]);
const numberOf = (tensor: Tensor4D | null): number => tensor?.dataSync()[0] ?? 0;

/** The cotangent on the noise prediction of each trained step, walked back from a gradient of 1 at the end. */
const walkBack = (table: SamplerTable, plan: Plan): Map<number, number> => {
  const found = new Map<number, number>();
  const one = scalar(1);
  let cotangent: Cotangent = plan.stop > 0 ? { state: null, clean: one } : { state: one, clean: null };
  for (let t = Math.max(plan.stop, 1); t <= plan.steps; t += 1) {
    const step = table.steps[plan.steps - t]!;
    if (plan.cutState !== null && t > plan.cutState) {
      disposeCotangent(cotangent);
      cotangent = { state: null, clean: null };
    }
    const onNoise = noiseCotangent(step, cotangent);
    if (plan.train.includes(t)) found.set(t, numberOf(onNoise));
    onNoise?.dispose();
    const before = cotangent;
    cotangent = previousCotangent(step, before);
    disposeCotangent(before);
  }
  disposeCotangent(cotangent);
  return found;
};

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('the adjoint of a chain', () => {
  it('is the derivative of the finished latent in each noise prediction, and keeps no tensor', () => {
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(tables, fc.nat(), fc.nat(), fc.boolean(), (table, stopDraw, cutDraw, cuts) => {
        const steps = table.steps.length;
        const stop = stopDraw % (steps + 1);
        const plan = planOf(table, stop, cuts ? Math.max(1, stop, cutDraw % (steps + 1)) : null);
        const found = walkBack(table, plan);
        const zeros = new Array<number>(steps).fill(0);
        for (const t of plan.train) {
          // The chain is affine in the predictions, so a difference over any distance is the derivative.
          const moved = zeros.with(steps - t, 1);
          const derivative = finished(table, plan, moved) - finished(table, plan, zeros);
          // `+ 0` as both may be a negative zero.
          expect(found.get(t)! + 0).toBe(derivative + 0);
        }
      }),
    );
    expect(tf.memory().numTensors).toBe(before);
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
    expect([...walkBack(table, planOf(table, 0, null))]).toEqual([
      [1, 29],
      [2, 13 * 23],
      [3, 3 * 11 * 23],
    ]);
    // An early stop at step 2 ends on its prediction p x + q ε.
    expect([...walkBack(table, planOf(table, 2, null))]).toEqual([
      [2, 19],
      [3, 3 * 17],
    ]);
  });

  it('adds the way through the previous clean prediction', () => {
    const table: SamplerTable = {
      initialNoiseScale: 1,
      steps: [
        { timestep: 1, inputScale: 1, a: 2, b: 3, c: 0, h: 0, p: 5, q: 7 },
        { timestep: 0, inputScale: 1, a: 11, b: 13, c: 0, h: 17, p: 19, q: 23 },
      ],
    };
    expect(walkBack(table, planOf(table, 0, null)).get(2)).toBe(3 * 11 + 7 * 17);
    // Stopping at step 1 uses its prediction, which has no memory.
    expect(walkBack(table, planOf(table, 1, null)).get(2)).toBe(3 * 19);
  });

  it('adds what comes through a live network to the state, also where nothing else reaches it', () => {
    const step: SamplerStep = { timestep: 0, inputScale: 1, a: 2, b: 3, c: 0, h: 5, p: 7, q: 11 };
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const through = scalar(1000);
      const both = previousCotangent(step, { state: scalar(10), clean: scalar(1) }, through);
      expect([numberOf(both.state), numberOf(both.clean)]).toEqual([2 * 10 + 7 + 1000, 50]);
      const alone = previousCotangent(step, { state: null, clean: null }, through);
      expect([numberOf(alone.state), alone.clean]).toEqual([1000, null]);
      // The caller frees `through`, so it must not be handed back itself.
      disposeCotangent(alone);
      expect(through.isDisposed).toBe(false);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
