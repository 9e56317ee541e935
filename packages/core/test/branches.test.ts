import { inBranches, type Tensor2D, tf } from '@draft/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { setBranches } from '../src/runtime/branches.js';
import { divideProcessors } from '../src/runtime/tensorflow/divide-processors.js';

describe('inBranches', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });
  afterEach(() => {
    setBranches(1);
  });

  /** Rows seen by each call, and what comes out. */
  const cut = (rows: number): { readonly parts: number[][]; readonly values: number[] } => {
    const parts: number[][] = [];
    const values = tf.tidy(() => {
      const x = tf.range(0, rows).reshape([rows, 1]) as Tensor2D;
      const y = inBranches([x, tf.mul(x, 10)], (own, tens) => {
        parts.push(Array.from(own.dataSync()));
        return tf.add(own, tens);
      });
      return Array.from(y.dataSync());
    });
    return { parts, values };
  };

  it.each([
    [1, 4, [[0, 1, 2, 3]]],
    [2, 1, [[0]]],
    [2, 2, [[0], [1]]],
    [
      2,
      5,
      [
        [0, 1],
        [2, 3, 4],
      ],
    ],
    [3, 4, [[0], [1], [2, 3]]],
    [4, 3, [[0], [1], [2]]],
  ])('with %d of them at most, %d rows', (branches, rows, parts) => {
    setBranches(branches);
    const found = cut(rows);
    expect(found.parts).toEqual(parts);
    expect(found.values).toEqual(Array.from({ length: rows }, (_, i) => 11 * i));
  });

  it('has the gradient of the whole, in the batch and in what branches share', () => {
    const gradients = () =>
      tf.tidy(() => {
        const x = tf.randomNormal([5, 3], 0, 1, 'float32', 1);
        const w = tf.randomNormal([3, 2], 0, 1, 'float32', 2);
        const loss = (rows: typeof x, shared: typeof w) =>
          tf.sum(
            tf.square(inBranches([rows], (part) => tf.sin(tf.matMul(part as Tensor2D, shared as Tensor2D)))),
          );
        return tf
          .grads(loss as never)([x, w])
          .map((gradient) => Array.from(gradient.dataSync()));
      });
    const whole = gradients();
    setBranches(2);
    const before = tf.memory().numTensors;
    const branched = gradients();
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, gradient] of whole.entries()) {
      for (const [j, value] of gradient.entries()) expect(branched[i]?.[j]).toBeCloseTo(value, 5);
    }
  });

  it('refuses tensors of different lengths', () => {
    const batch = [tf.zeros([2, 1]), tf.zeros([3, 1])];
    expect(() => inBranches(batch, (x) => x as Tensor2D)).toThrow('tensors of 2 and 3 rows');
    tf.dispose(batch);
  });

  it('gives what was before back', () => {
    expect(setBranches(3)).toBe(1);
    expect(setBranches(1)).toBe(3);
  });
});

describe('divideProcessors', () => {
  it.each([
    [8, 1, 1, 1],
    [8, 2, 2, 1],
    [2, 2, 2, 1],
    [1, 2, 1, 2],
    [8, 3, 2, 1],
    [8, 16, 2, 8],
    [1, 16, 1, 16],
  ])('a batch of %d on %d', (batch, processors, branches, threadsPerOp) => {
    expect(divideProcessors(batch, processors)).toEqual({ branches, threadsPerOp });
  });
});
