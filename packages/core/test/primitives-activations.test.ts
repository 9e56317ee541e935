import { expect, it } from 'vitest';
import { geglu } from '../src/primitives/geglu.js';
import { gelu } from '../src/primitives/gelu.js';
import { quickGelu } from '../src/primitives/quick-gelu.js';
import { silu } from '../src/primitives/silu.js';
import { type Tensor, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';
import { checkPrimitive } from './support/check-primitive.js';
import { expectClose } from './support/close.js';

const plainGelu = (x: Tensor): Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.sqrt(2))), 1));

describeOnBackends('activations', () => {
  it('silu is x σ(x)', () => {
    checkPrimitive(silu, (x) => tf.mul(x, tf.sigmoid(x)), [[2, 3, 4, 5]]);
  });

  it('quickGelu is x σ(1.702 x)', () => {
    checkPrimitive(quickGelu, (x) => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))), [[2, 3, 8]]);
  });

  it('gelu is x Φ(x)', () => {
    checkPrimitive(gelu, plainGelu, [[4, 9]]);
  });

  it('geglu is the first half times the gelu of the second', () => {
    const plain = (x: Tensor): Tensor => {
      const [value, gate] = tf.split(x, 2, -1) as [Tensor, Tensor];
      return tf.mul(value, plainGelu(gate));
    };
    checkPrimitive(geglu, plain, [[2, 5, 8]]);
    checkPrimitive(geglu, plain, [[2, 3, 2, 6]]);
  });

  it('agrees with tabulated values', () => {
    // Φ(1) = 0.8413447461, σ(1) = 0.7310585786, σ(1.702) = 0.8457957659; erf here is good to 1.5e-7.
    const x = tf.tensor1d([-1, 0, 1]);
    expectClose(gelu(x), tf.tensor1d([-0.1586552539, 0, 0.8413447461]), 1e-6);
    expectClose(silu(x), tf.tensor1d([-0.2689414214, 0, 0.7310585786]), 1e-6);
    expectClose(quickGelu(x), tf.tensor1d([-0.1542042341, 0, 0.8457957659]), 1e-6);
    expectClose(geglu(tf.tensor1d([3, 1])), tf.tensor1d([3 * 0.8413447461]), 1e-6);
  });

  it('has finite values and gradients far from 0', () => {
    const x = tf.tensor1d([-1e4, -100, 100, 1e4]);
    for (const f of [gelu, silu, quickGelu]) {
      expectClose(f(x), tf.tensor1d([0, 0, 100, 1e4]), 1e-6);
      expectClose(tf.grad((t: Tensor) => tf.sum(f(t)))(x), tf.tensor1d([0, 0, 1, 1]), 1e-6);
    }
  });

  it('refuses an odd last axis in geglu', () => {
    expect(() => geglu(tf.zeros([2, 3]))).toThrowError(
      expect.objectContaining({ code: 'DRAFT_SHAPE', message: expect.stringContaining('2,3') }),
    );
  });
});
