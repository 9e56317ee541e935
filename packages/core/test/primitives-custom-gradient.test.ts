import { expect, it } from 'vitest';
import { customGradient } from '../src/primitives/custom-gradient.js';
import { after, setOrdering } from '../src/runtime/ordering.js';
import { type Tensor, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';

describeOnBackends('customGradient', () => {
  /** `a · b`, with a note of each gradient that is computed. */
  const product = (a: Tensor, b: Tensor, asked: string[]): Tensor =>
    customGradient(
      { a, b },
      (save) => {
        save([a, b]);
        return tf.mul(a, b);
      },
      (dy, [savedA, savedB]) => ({
        a: () => {
          asked.push('a');
          return tf.mul(dy, savedB as Tensor);
        },
        b: () => {
          asked.push('b');
          return tf.mul(dy, savedA as Tensor);
        },
      }),
    );

  it('asks only for the gradients that lead to what is differentiated', () => {
    const [a, b] = [tf.tensor1d([2, 3]), tf.tensor1d([5, 7])];
    const asked: string[] = [];
    const da = tf.grad((x: Tensor) => tf.sum(product(tf.mul(x, 10), b, asked)))(a);
    expect(Array.from(da.dataSync())).toEqual([50, 70]);
    expect(asked).toEqual(['a']);
    asked.length = 0;
    tf.grads((x: Tensor, y: Tensor) => tf.sum(product(x, y, asked)))([a, b]);
    expect(asked).toEqual(['a', 'b']);
  });

  it('adds up the gradients of a tensor that enters twice', () => {
    const x = tf.tensor1d([2, 3]);
    const dx = tf.grad((t: Tensor) => tf.sum(product(t, t, [])))(x);
    expect(Array.from(dx.dataSync())).toEqual([4, 6]);
  });

  it('keeps nothing when nothing is differentiated, and nothing afterwards', () => {
    const [a, b] = [tf.tensor1d([2, 3]), tf.tensor1d([5, 7])];
    const before = tf.memory().numTensors;
    product(a, b, []).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.tidy(() => tf.grad((t: Tensor) => tf.sum(product(t, b, [])))(a)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeOnBackends('after', () => {
  it('returns its argument, unless a runtime hooks in', () => {
    const [x, y] = [tf.scalar(1), tf.scalar(2)];
    expect(after(x, y)).toBe(x);
    const seen: Tensor[] = [];
    const previous = setOrdering((t, dependency) => {
      seen.push(dependency);
      return t;
    });
    expect(previous).toBeUndefined();
    expect(after(x, y)).toBe(x);
    expect(seen).toEqual([y]);
    expect(setOrdering(previous)).toBeTypeOf('function');
    after(x, y);
    expect(seen).toHaveLength(1);
  });
});
