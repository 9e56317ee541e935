import { expect, it } from 'vitest';
import { groupNorm } from '../src/primitives/group-norm.js';
import { layerNorm } from '../src/primitives/layer-norm.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../src/runtime/tf.js';
import { describeOnBackends } from './support/backends.js';
import { buffersMade } from './support/buffers-made.js';
import { checkPrimitive } from './support/check-primitive.js';
import { expectClose } from './support/close.js';
import { normal } from './support/random-tensor.js';

const epsilon = 1e-5;

function plainGroupNorm(x: Tensor, gamma: Tensor, beta: Tensor, groups: number, silu: boolean): Tensor {
  const channels = x.shape[x.rank - 1] as number;
  const split = tf.reshape(x, [x.shape[0] as number, -1, groups, channels / groups]);
  const { mean, variance } = tf.moments(split, [1, 3], true);
  const normed = tf.reshape(tf.div(tf.sub(split, mean), tf.sqrt(tf.add(variance, epsilon))), x.shape);
  const y = tf.add(tf.mul(normed, gamma), beta);
  return silu ? tf.mul(y, tf.sigmoid(y)) : y;
}

function plainLayerNorm(x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon))), gamma), beta);
}

describeOnBackends('norms', (backend) => {
  it.each([
    [[2, 3, 4, 8], 4, undefined],
    [[2, 3, 4, 8], 4, 'silu'],
    [[3, 5, 6], 2, 'silu'],
    [[2, 3, 3, 4], 1, undefined],
    [[2, 3, 3, 4], 4, undefined],
  ] as const)('groupNorm of %j in %i groups, activation %s', (shape, groups, activation) => {
    const channels = shape[shape.length - 1] as number;
    checkPrimitive(
      (x, gamma, beta) => groupNorm(x as Tensor4D, { gamma, beta }, { groups, epsilon, activation }),
      (x, gamma, beta) => plainGroupNorm(x, gamma, beta, groups, activation === 'silu'),
      [shape, [channels], [channels]],
    );
  });

  it.each([[[4, 8]], [[2, 5, 6]], [[2, 3, 3, 4]]])('layerNorm of %j', (shape) => {
    const channels = shape[shape.length - 1] as number;
    checkPrimitive((x, gamma, beta) => layerNorm(x, { gamma, beta }, { epsilon }), plainLayerNorm, [
      shape,
      [channels],
      [channels],
    ]);
  });

  it('divides by the population deviation', () => {
    // Mean 2.5, deviation √1.25.
    const expected = [-1.5, -0.5, 0.5, 1.5].map((x) => x / Math.sqrt(1.25));
    const [gamma, beta] = [tf.ones([4]), tf.zeros([4])];
    const row = tf.tensor([1, 2, 3, 4], [1, 1, 4]) as Tensor3D;
    expectClose(layerNorm(row, { gamma, beta }, { epsilon: 0 }), tf.tensor(expected, [1, 1, 4]), 1e-6);
    const normed = groupNorm(row, { gamma, beta }, { groups: 1, epsilon: 0 });
    expectClose(normed, tf.tensor(expected, [1, 1, 4]), 1e-6);
  });

  it('keeps its precision where the mean is a thousand deviations', () => {
    // float32 has 6e-8 of 1000, so 6e-5 of a deviation, in every input.
    const x = normal<Tensor4D>([1, 8, 8, 4], 1);
    const [gamma, beta] = [tf.ones([4]), tf.zeros([4])];
    const far = tf.add(x, 1000) as Tensor4D;
    const options = { groups: 2, epsilon };
    expectClose(groupNorm(far, { gamma, beta }, options), groupNorm(x, { gamma, beta }, options), 2e-4);
    expectClose(
      layerNorm(far, { gamma, beta }, { epsilon }),
      layerNorm(x, { gamma, beta }, { epsilon }),
      2e-3,
    );
  });

  it('does not change when a group is moved or scaled', () => {
    const x = normal<Tensor4D>([2, 4, 4, 6], 1);
    const weights = { gamma: normal([6], 2), beta: normal([6], 3) };
    const moved = tf.add(tf.mul(x, tf.tensor1d([2, 2, 2, 5, 5, 5])), tf.tensor1d([1, 1, 1, -3, -3, -3]));
    const options = { groups: 2, epsilon: 1e-12 };
    expectClose(groupNorm(moved as Tensor4D, weights, options), groupNorm(x, weights, options), 1e-5);
  });

  // The wasm back end copies what is kept.
  if (backend === 'cpu')
    it('keeps for the gradient its inputs and two numbers a group', () => {
      const x = normal<Tensor4D>([2, 8, 8, 8], 1);
      const weights = { gamma: tf.ones([8]), beta: tf.zeros([8]) };
      const group = () => groupNorm(x, weights, { groups: 4, epsilon, activation: 'silu' });
      const inputs = [x, weights.gamma, weights.beta];
      const result = x.size * 4;
      expect(buffersMade(group, inputs)).toEqual({ buffers: 3, bytes: result + 2 * (2 * 4) * 4 });
      const layer = () => layerNorm(x, weights, { epsilon });
      expect(buffersMade(layer, inputs)).toEqual({ buffers: 3, bytes: result + 2 * (2 * 64) * 4 });
    });

  it('refuses groups and weights that do not fit', () => {
    const [x, gamma, beta] = [tf.zeros([1, 2, 2, 6]) as Tensor4D, tf.ones([6]), tf.zeros([6])];
    const refusal = expect.objectContaining({ code: 'DRAFT_SHAPE' });
    expect(() => groupNorm(x, { gamma, beta }, { groups: 4, epsilon })).toThrowError(refusal);
    expect(() => groupNorm(x, { gamma, beta }, { groups: 0, epsilon })).toThrowError(refusal);
    expect(() => groupNorm(x, { gamma: tf.ones([3]), beta }, { groups: 2, epsilon })).toThrowError(refusal);
    expect(() => layerNorm(x, { gamma, beta: tf.ones([5]) }, { epsilon })).toThrowError(refusal);
  });
});
