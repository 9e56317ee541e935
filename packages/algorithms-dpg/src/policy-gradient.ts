import {
  adaptersFrom,
  type CompiledFunction,
  decodePictures,
  type EstimatorSetup,
  guidedNoise,
  type Reward,
  type Scalar,
  samplingFrom,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type TensorRecord,
  tf,
  trainedNames,
  unpackCoefficients,
  type WeightedReward,
} from '@draft/core';
import type { Critics } from './critic.js';

/**
 * Makes the taped call of one step: the gradient of `Σ_r Σ_i weight_r · Q_r(x̂₀(x_t, ε_θ(x_t)))` in each trained tensor,
 * the state and the critics held.
 *
 * Inputs: `latents` `[n, h, w, c]`, `context`, `coefficients`, `step` `[T]`, what rewards prepared, the adapters, what guides
 * sampling where that is learnt, and the critics' parameters.
 */
export const compilePolicyGradient = (
  { runtime, model, guidance, adapters: structure, train }: EstimatorSetup,
  rewards: readonly WeightedReward<Reward>[],
  critics: Critics,
): CompiledFunction<TensorRecord, TensorRecord> =>
  runtime.compile('dpg-policy', (inputs: TensorRecord) => {
    const x = inputs.latents as Tensor4D;
    const names = trainedNames(structure, inputs, train);
    const k = unpackCoefficients(inputs.coefficients as Tensor);
    const value = (...variables: Tensor[]): Scalar => {
      const replaced = Object.fromEntries(names.map((name, i) => [name, variables[i] as Tensor]));
      const record = { ...inputs, ...replaced };
      const adapters = adaptersFrom(record, structure);
      const scaled = tf.mul(x, k.inputScale) as Tensor4D;
      const context = inputs.context as Tensor3D;
      const sampling = samplingFrom(record);
      const noise = guidedNoise(model, scaled, k.timestep, context, guidance, adapters, sampling);
      const clean = tf.add(tf.mul(k.p, x), tf.mul(k.q, noise)) as Tensor4D;
      const images = decodePictures(model, clean);
      const scores = critics.scores(images, inputs, inputs.step as Tensor);
      return tf.addN(
        rewards.map(({ name, weight }) => tf.mul(weight, tf.sum(scores[name] as Tensor)) as Scalar),
      );
    };
    const gradients = tf.grads(value)(names.map((name) => inputs[name] as Tensor));
    return Object.fromEntries(names.map((name, i) => [name, gradients[i] as Tensor]));
  });
