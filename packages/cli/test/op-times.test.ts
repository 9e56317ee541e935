import type { RehearsedFunction, RehearsedOp } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { measureOps, secondsOfFunction, secondsOfWork } from '../src/plan/op-times.js';

/** An op of so many operations that takes so many seconds, and how often it was measured. */
const createOp = (key: string, products: number, seconds: number) => {
  const op = {
    ...{ key, name: key.split(' ')[0] as string, work: { products, convolutions: 0, bytes: 0 } },
    measured: 0,
    async measure() {
      op.measured += 1;
      return seconds;
    },
  };
  return op;
};

const createFunction = (ops: readonly (readonly [RehearsedOp, number])[]): RehearsedFunction => ({
  ...{ name: 'step', calls: 1, bytes: 0, ops: new Map(ops) },
});

describe('times of ops', () => {
  it('are measured once for each op, and added up as often as it is called', async () => {
    const large = createOp('MatMul large', 1e9, 0.03);
    const small = createOp('MatMul small', 1e8, 0.002);
    const functions = [
      createFunction([[large, 2]]),
      createFunction([
        [large, 1],
        [small, 10],
      ]),
    ] as const;
    const times = await measureOps(functions);
    expect([large.measured, small.measured]).toEqual([1, 1]);
    expect(functions.map((each) => secondsOfFunction(each, times))).toEqual([0.06, expect.closeTo(0.05, 12)]);
    const work = { ...{ functions, singleOps: 100, peakBytes: 0, liveBytes: 0, nodes: 0, constantBytes: 0 } };
    expect(times.singleOp).toBeGreaterThan(0);
    expect(secondsOfWork(work, times)).toBeCloseTo(0.11 + 100 * times.singleOp, 12);
  });

  it('are not measured where all of an op is next to nothing', async () => {
    const large = createOp('MatMul large', 1e11, 1.5);
    const tiny = createOp('MatMul tiny', 1e6, 7);
    const times = await measureOps([
      createFunction([
        [tiny, 3],
        [large, 1],
      ]),
    ]);
    expect([large.measured, tiny.measured]).toEqual([1, 0]);
    // As much slower than guessed as the one that was measured; starting an op is a part of the guess.
    expect(times.secondsOf(tiny) / times.secondsOf(large)).toBeCloseTo(1.5e-5, 5);
  });

  it('follow from those of the same name where there was no time to measure', async () => {
    const first = createOp('MatMul first', 8e9, 0.16);
    const sum = createOp('Sum first', 4e9, 0.01);
    const others = [
      createOp('MatMul second', 1e9, 9),
      createOp('Sum second', 1e9, 9),
      createOp('Relu', 1e9, 9),
    ];
    let now = 0;
    const slow = [first, sum].map((op) => ({
      ...op,
      async measure() {
        const started = performance.now();
        while (performance.now() < started + 30) now += 1;
        return op.measure();
      },
    }));
    const times = await measureOps([createFunction([...slow, ...others].map((op) => [op, 1] as const))], {
      limit: 0.05,
    });
    expect(now).toBeGreaterThan(0);
    expect(others.map(({ measured }) => measured)).toEqual([0, 0, 0]);
    expect(times.secondsOf(others[0] as RehearsedOp)).toBeCloseTo(0.02, 4);
    expect(times.secondsOf(others[1] as RehearsedOp)).toBeCloseTo(0.0025, 4);
    // Of another name: as all that were measured, 0.17 s for twelve billion operations.
    expect(times.secondsOf(others[2] as RehearsedOp)).toBeCloseTo(0.17 / 12, 4);
  });

  it('follow from those of others where an op cannot be run by itself', async () => {
    const broken = {
      ...createOp('Cholesky', 4e9, 0),
      measure: async (): Promise<number> => Promise.reject(new Error('the matrix is not positive definite')),
    };
    const product = createOp('MatMul', 1e9, 0.05);
    const times = await measureOps([
      createFunction([
        [broken, 1],
        [product, 1],
      ]),
    ]);
    expect(product.measured).toBe(1);
    expect(times.secondsOf(broken)).toBeCloseTo(0.2, 3);
  });

  it('end with the interruption of the user', async () => {
    const signal = AbortSignal.abort(new Error('interrupted'));
    const op = createOp('MatMul', 1e9, 1);
    await expect(measureOps([createFunction([[op, 1]])], { signal })).rejects.toThrow('interrupted');
    expect(op.measured).toBe(0);
  });
});
