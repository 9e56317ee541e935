import { type Scalar, type Tensor, tf } from '@draft/core';
import { type Parameter, sliceParameters } from './parameters.js';

/** What training changes: the weights, their running average, and Adam's two moments, each one flat vector. */
export interface TrainingState {
  readonly weights: Tensor;
  readonly average: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** Numbers of one step, as scalars inside the compiled function. */
export interface StepSettings {
  readonly learningRate: Scalar;
  /** `1 − β₁^t` and `1 − β₂^t`. */
  readonly firstCorrection: Scalar;
  readonly secondCorrection: Scalar;
  /** How much of the running average stays. */
  readonly averageDecay: Scalar;
}

const [beta1, beta2, epsilon, weightDecay, maximumNorm] = [0.9, 0.99, 1e-8, 0.01, 1];

/**
 * One AdamW step on the loss of all parameters, gradients clipped to a norm of 1, and the running average moved.
 * Plain tensor code for a compiled function.
 */
export const adamStep = (
  parameters: readonly Parameter[],
  state: TrainingState,
  settings: StepSettings,
  loss: (parts: readonly Tensor[]) => Scalar,
): TrainingState & { readonly loss: Scalar; readonly norm: Scalar } => {
  const parts = sliceParameters(parameters, state.weights);
  const { value, grads } = tf.valueAndGrads((...variables: Tensor[]) => loss(variables))(parts);
  const gradient = tf.concat(grads.map((part) => tf.reshape(part, [-1])));
  const norm = tf.sqrt(tf.sum(tf.square(gradient))) as Scalar;
  const clipped = tf.mul(gradient, tf.div(maximumNorm, tf.maximum(norm, maximumNorm)));
  const first = tf.add(tf.mul(state.first, beta1), tf.mul(clipped, 1 - beta1));
  const second = tf.add(tf.mul(state.second, beta2), tf.mul(tf.square(clipped), 1 - beta2));
  const direction = tf.div(
    tf.div(first, settings.firstCorrection),
    tf.add(tf.sqrt(tf.div(second, settings.secondCorrection)), epsilon),
  );
  const kept = tf.sub(1, tf.mul(settings.learningRate, weightDecay));
  const weights = tf.sub(tf.mul(state.weights, kept), tf.mul(settings.learningRate, direction));
  const average = tf.add(
    tf.mul(state.average, settings.averageDecay),
    tf.mul(weights, tf.sub(1, settings.averageDecay)),
  );
  return { weights, average, first, second, loss: value as Scalar, norm };
};
