import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import type { Runtime, TensorRecord } from '../contracts/runtime.js';
import type { SamplerStep, SamplerTable } from '../contracts/sampler.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import type { TrainedPart } from '../contracts/trained-parts.js';
import { type Tensor, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { samplingFrom, samplingRecord } from '../sampling/sampling-record.js';
import { adapterRecord, adaptersFrom } from './adapter-record.js';
import { guidedNoise } from './guided-noise.js';
import { packCoefficients, unpackCoefficients } from './step-coefficients.js';

/** What the state of a chain is between two steps. */
export interface ChainState {
  /** `x_t`, `[n, h, w, c]`. */
  readonly latents: Tensor4D;
  /** `x̂₀` of the step before; zeros before the first. */
  readonly clean: Tensor4D;
}

/** What a chain needs to be built. */
export interface ChainOptions {
  readonly runtime: Runtime;
  readonly model: DiffusionModel;
  readonly table: SamplerTable;
  /** Guidance scale `w` where no learnt one takes its place; 1 runs the conditional half only. */
  readonly guidance: number;
  /** Which layers are adapted and how strongly; the tensors may change from call to call. */
  readonly adapters: Adapters;
  /** How strongly trained steps are held to the base model's noise. @default 0 */
  readonly basePenalty?: number;
  /** How much the divergence of trained steps from the base model's counts, a latent number. @default 0 */
  readonly klPenalty?: number;
  /** What gets a gradient, of what calls are given. @default all of it */
  readonly train?: readonly TrainedPart[];
  /**
   * How many of the steps that a gradient passes on its way back keep what they computed, where the back end can; the others are
   * computed again. @default 0
   */
  readonly keptSteps?: number;
}

/** Runs sampling steps without gradient. Steps are numbered as in the papers, `T` first and 1 last. */
export interface DenoisingChain {
  readonly steps: number;
  /** Coefficients of step `t`. */
  step(t: number): SamplerStep;
  /** Runs step `t`; the result is the caller's, the arguments stay the caller's. */
  denoise(
    t: number,
    state: ChainState,
    context: Tensor3D,
    adapters: Adapters,
    noise?: Tensor4D,
    sampling?: SamplingWeights,
  ): Promise<ChainState>;
  dispose(): void;
}

/** `x_next = a·x + b·ε + h·x̂₀' + c·z` and `x̂₀ = p·x + q·ε`, of what goes into a step and its guided noise ε. */
export const nextState = (inputs: TensorRecord, noise: Tensor): TensorRecord => {
  const x = inputs.latents as Tensor4D;
  const k = unpackCoefficients(inputs.coefficients as Tensor);
  const drift = tf.addN([tf.mul(k.a, x), tf.mul(k.b, noise), tf.mul(k.h, inputs.previous as Tensor)]);
  return {
    latents: inputs.noise ? tf.add(drift, tf.mul(k.c, inputs.noise)) : drift,
    clean: tf.add(tf.mul(k.p, x), tf.mul(k.q, noise)),
  };
};

const body = (options: ChainOptions) => (inputs: TensorRecord) => {
  const x = inputs.latents as Tensor4D;
  const k = unpackCoefficients(inputs.coefficients as Tensor);
  const adapters = adaptersFrom(inputs, options.adapters);
  const context = inputs.context as Tensor3D;
  const noise = guidedNoise(
    options.model,
    tf.mul(x, k.inputScale),
    k.timestep,
    context,
    options.guidance,
    adapters,
    samplingFrom(inputs),
  );
  return nextState(inputs, noise);
};

/** Builds the chain of a sampler's table. */
export const createDenoisingChain = (options: ChainOptions): DenoisingChain => {
  const { runtime, table } = options;
  const compiled = runtime.compile('denoise', body(options));
  const steps = table.steps.length;
  const step = (t: number) => table.steps[steps - t] as SamplerStep;
  return {
    steps,
    step,
    async denoise(t, state, context, adapters, noise, sampling) {
      const coefficients = packCoefficients(step(t));
      const result = await compiled({
        latents: state.latents,
        previous: state.clean,
        context,
        coefficients,
        ...adapterRecord(adapters),
        ...samplingRecord(sampling),
        ...(noise ? { noise } : {}),
      });
      coefficients.dispose();
      return result as { latents: Tensor4D; clean: Tensor4D };
    },
    dispose: () => compiled.dispose(),
  };
};
