import type { HalvedFunction } from '../contracts/halved-function.js';
import type { CompiledFunction, TensorRecord } from '../contracts/runtime.js';
import { type Scalar, type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { samplingFrom } from '../sampling/sampling-record.js';
import { adaptersFrom } from './adapter-record.js';
import { basePenalty } from './base-penalty.js';
import { type ChainOptions, nextState } from './denoising-chain.js';
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

/** What a step's gradients are called by, for profiles. */
const labelOf = (kind: StepGradientKind): string =>
  `step-gradient${kind.parameters ? '-parameters' : ''}${kind.input ? '-input' : ''}`;

/**
 * The vector-Jacobian product of one step's guided noise: from `cotangent` on ε, less the base penalty of a trained step, to the
 * gradient in each trained tensor and, where wanted, in the latents (`input`).
 * @param onNoise Called with the guided noise on its way.
 */
const stepGradients = (
  options: ChainOptions,
  kind: StepGradientKind,
  inputs: TensorRecord,
  onNoise: (noise: Tensor) => void = () => {},
): TensorRecord => {
  const { model, guidance } = options;
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
    onNoise(noise);
    const value = tf.sum(tf.mul(noise, inputs.cotangent as Tensor)) as Scalar;
    const context = inputs.context as Tensor3D;
    const penalty = kind.parameters && basePenalty(options, scaled, noise, k.timestep, context, inputs.hold);
    return penalty ? (tf.sub(value, penalty) as Scalar) : value;
  };
  const variables = names.map((name) => inputs[name] as Tensor);
  if (kind.input) variables.push(inputs.latents as Tensor);
  const gradients = tf.grads(product)(variables);
  return {
    ...Object.fromEntries(names.map((name, i) => [name, gradients[i] as Tensor])),
    ...(kind.input ? { input: gradients[names.length] as Tensor } : {}),
  };
};

/** A step's gradients as one call. The activations are computed again in it; the chain keeps nothing of a step but its input. */
export const compileStepGradient = (
  options: ChainOptions,
  kind: StepGradientKind,
): CompiledFunction<TensorRecord, TensorRecord> =>
  options.runtime.compile(labelOf(kind), (inputs: TensorRecord) => stepGradients(options, kind, inputs));

/**
 * A step of the chain together with its gradients, in two halves: the first one gives the next state (`latents`, `clean`) and keeps
 * the activations, the second one gives the gradients once `cotangent` is known.
 * @returns undefined where the back end has no halved functions.
 */
export const compileKeptStep = (options: ChainOptions, kind: StepGradientKind): HalvedFunction | undefined =>
  options.runtime.compileInHalves?.(
    `kept-${labelOf(kind)}`,
    (inputs: TensorRecord) => {
      let noise: Tensor | undefined;
      // Only gradients survive the end of the tape by themselves.
      const gradients = stepGradients(options, kind, inputs, (value) => {
        noise = tf.keep(value);
      });
      const next = nextState(inputs, noise as Tensor);
      noise?.dispose();
      return { ...gradients, ...next };
    },
    { cotangent: 'latents' },
  );
