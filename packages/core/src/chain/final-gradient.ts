import type { WeightedReward } from '../contracts/reward.js';
import type { CompiledFunction, TensorRecord } from '../contracts/runtime.js';
import { type Scalar, type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { samplingFrom } from '../sampling/sampling-record.js';
import { adaptersFrom } from './adapter-record.js';
import { basePenalty } from './base-penalty.js';
import type { ChainOptions } from './denoising-chain.js';
import { guidedNoise } from './guided-noise.js';
import { evaluateObjective } from './objective.js';
import { unpackCoefficients } from './step-coefficients.js';
import { trainedNames } from './trained-names.js';

/** Which last step is taken together with the reward. */
export type FinalStep =
  /** The chain's own: `x₀ = a·x + b·ε + h·x̂₀' + c·z`. */
  | 'step'
  /** The one-step prediction of an early stop: `x̂₀ = p·x + q·ε`. */
  | 'prediction'
  /** None: the latents are finished. */
  | 'none';

/**
 * Makes the taped call that ends an iteration: the last step, decoding and the rewards at once, so that nothing is
 * computed twice. It returns `images`, the `finished` latents, `score.<reward>`, the gradient of the total in the finished latents
 * (`result`), in the network's input where that is live (`input`), and in each trained tensor.
 */
export const compileFinalGradient = (
  options: ChainOptions,
  rewards: readonly WeightedReward[],
  final: FinalStep,
  liveInput: boolean,
): CompiledFunction<TensorRecord, TensorRecord> => {
  const { model, guidance } = options;
  const live = liveInput && final !== 'none';
  return options.runtime.compile(`final-${final}`, (inputs: TensorRecord) => {
    const x = inputs.latents as Tensor4D;
    const names = final === 'none' ? [] : trainedNames(options.adapters, inputs, options.train);
    let finished: Tensor | undefined;
    let values: ReturnType<typeof evaluateObjective> | undefined;
    let penalty: Scalar | undefined;

    const finish = (input: Tensor4D, delta: Tensor4D, record: TensorRecord): Tensor4D => {
      if (final === 'none') return tf.add(x, delta);
      const k = unpackCoefficients(inputs.coefficients as Tensor);
      const scaled = tf.mul(input, k.inputScale) as Tensor4D;
      const context = inputs.context as Tensor3D;
      const adapters = adaptersFrom(record, options.adapters);
      const sampling = samplingFrom(record);
      const noise = guidedNoise(model, scaled, k.timestep, context, guidance, adapters, sampling);
      penalty = basePenalty(options, scaled, noise, k.timestep, context, inputs.hold);
      const terms =
        final === 'prediction'
          ? [tf.mul(k.p, x), tf.mul(k.q, noise)]
          : [tf.mul(k.a, x), tf.mul(k.b, noise), tf.mul(k.h, inputs.previous as Tensor)];
      if (final === 'step' && inputs.noise) terms.push(tf.mul(k.c, inputs.noise));
      return tf.add(tf.addN(terms), delta) as Tensor4D;
    };

    // The gradient in `delta`, which is zero and added to the finished latents, is the gradient in those latents.
    // Only the network's input is a variable, never the state: what the state passes on directly is known.
    const total = (delta: Tensor, ...variables: Tensor[]): Scalar => {
      const replaced = Object.fromEntries(names.map((name, i) => [name, variables[i] as Tensor]));
      const input = (live ? variables[names.length] : x) as Tensor4D;
      const latents = finish(input, delta as Tensor4D, { ...inputs, ...replaced });
      values = evaluateObjective(model, rewards, latents, inputs);
      // Only gradients survive the end of the tape by themselves.
      finished = tf.keep(latents);
      tf.keep(values.images);
      for (const score of Object.values(values.scores)) tf.keep(score);
      return penalty ? (tf.sub(values.total, penalty) as Scalar) : values.total;
    };
    const variables = names.map((name) => inputs[name] as Tensor);
    if (live) variables.push(tf.mul(x, 1));
    const [result, ...rest] = tf.grads(total)([tf.zerosLike(x), ...variables]) as [Tensor, ...Tensor[]];
    const { images, scores } = values as NonNullable<typeof values>;
    return {
      images,
      finished: finished as unknown as Tensor,
      result,
      ...(live ? { input: rest[names.length] as Tensor } : {}),
      ...Object.fromEntries(Object.entries(scores).map(([name, score]) => [`score.${name}`, score])),
      ...Object.fromEntries(names.map((name, i) => [name, rest[i] as Tensor])),
    };
  });
};
