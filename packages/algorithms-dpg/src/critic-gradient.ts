import {
  type CompiledFunction,
  type Runtime,
  type Scalar,
  type Tensor,
  type Tensor4D,
  type TensorRecord,
  tf,
} from '@draft/core';
import type { Critics } from './critic.js';

/**
 * Makes the taped call that trains critics: the gradient of `Σ_r Σ_i (Q_r(x̂₀_i) − r_i)²` in each parameter, and its
 * value as `loss`. The predictions are given, so nothing flows into the model.
 *
 * Inputs: `images` `[n, height, width, 3]`, `step` `[T]`, `target.<reward>` `[n]`, what rewards prepared, and the
 * parameters.
 */
export const compileCriticGradient = (
  runtime: Runtime,
  critics: Critics,
  names: readonly string[],
): CompiledFunction<TensorRecord, TensorRecord> =>
  runtime.compile('dpg-critic', (inputs: TensorRecord) => {
    let seen: Tensor | undefined;
    const regression = (...variables: Tensor[]): Scalar => {
      const parameters = Object.fromEntries(names.map((name, i) => [name, variables[i] as Tensor]));
      const scores = critics.scores(
        inputs.images as Tensor4D,
        { ...inputs, ...parameters },
        inputs.step as Tensor,
      );
      const errors = Object.entries(scores).map(([name, score]) =>
        tf.sum(tf.square(tf.sub(score, inputs[`target.${name}`] as Tensor))),
      );
      const loss: Scalar = tf.addN(errors as Scalar[]);
      seen = tf.keep(loss);
      return loss;
    };
    const gradients = tf.grads(regression)(names.map((name) => inputs[name] as Tensor));
    return {
      loss: seen as Tensor,
      ...Object.fromEntries(names.map((name, i) => [name, gradients[i] as Tensor])),
    };
  });
