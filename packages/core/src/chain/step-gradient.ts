import type { CompiledFunction, TensorRecord } from '../contracts/runtime.js';
import { type Scalar, type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { samplingFrom } from '../sampling/sampling-record.js';
import { adaptersFrom } from './adapter-record.js';
import { basePenalty } from './base-penalty.js';
import type { ChainOptions } from './denoising-chain.js';
import { guidedNoise } from './guided-noise.js';
import { unpackCoefficients } from './step-coefficients.js';
import { trainedNames } from './trained-names.js';

/** Which gradients of one step are wanted. */
export interface StepGradientKind {
  /** In what is trained. */
  readonly parameters: boolean;
  /** In the network's input latents (a live input). */
  readonly input: boolean;
}

/**
 * Makes the vector-Jacobian product of one step's guided noise: from `cotangent` on ε, less the base penalty of a trained step, to the gradient in each
 * trained tensor and, where wanted, in the latents (`input`). The activations are recomputed here; the chain keeps
 * nothing of a step but its input.
 */
export const compileStepGradient = (
  options: ChainOptions,
  kind: StepGradientKind,
): CompiledFunction<TensorRecord, TensorRecord> => {
  const { model, guidance } = options;
  const label = `step-gradient${kind.parameters ? '-parameters' : ''}${kind.input ? '-input' : ''}`;
  return options.runtime.compile(label, (inputs: TensorRecord) => {
    const names = kind.parameters ? trainedNames(options.adapters, inputs, options.train) : [];
    const k = unpackCoefficients(inputs.coefficients as Tensor);
    const product = (...arguments_: Tensor[]): Scalar => {
      const input = (kind.input ? arguments_[names.length] : inputs.latents) as Tensor4D;
      const replaced = Object.fromEntries(names.map((name, i) => [name, arguments_[i] as Tensor]));
      const record = { ...inputs, ...replaced };
      const scaled = tf.mul(input, k.inputScale) as Tensor4D;
      const noise = guidedNoise(
        model,
        scaled,
        k.timestep,
        inputs.context as Tensor3D,
        guidance,
        adaptersFrom(record, options.adapters),
        samplingFrom(record),
      );
      const value = tf.sum(tf.mul(noise, inputs.cotangent as Tensor)) as Scalar;
      const context = inputs.context as Tensor3D;
      const penalty =
        kind.parameters && basePenalty(options, scaled, noise, k.timestep, context, inputs.hold);
      return penalty ? (tf.sub(value, penalty) as Scalar) : value;
    };
    const variables = names.map((name) => inputs[name] as Tensor);
    if (kind.input) variables.push(inputs.latents as Tensor);
    const gradients = tf.grads(product)(variables);
    return {
      ...Object.fromEntries(names.map((name, i) => [name, gradients[i] as Tensor])),
      ...(kind.input ? { input: gradients[names.length] as Tensor } : {}),
    };
  });
};
