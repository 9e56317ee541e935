import type { TensorRecord } from '../contracts/runtime.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor4D, tf } from '../runtime/tf.js';
import type { ChainState, DenoisingChain } from './denoising-chain.js';
import type { EstimateInputs } from './estimate.js';
import type { StepGradientKind } from './step-gradient.js';
import type { TapedCalls } from './taped-calls.js';

/** A step that the chain has taken, and of which gradients are to come. */
export interface KeptStep {
  readonly kind: StepGradientKind;
  /** The gradients from the cotangent on its guided noise, once; the caller's. */
  gradients(cotangent: Tensor4D): Promise<TensorRecord>;
  /** Lets go of what was kept, if the gradients have not been asked for. */
  discard(): void;
}

/** What is to be kept of the steps that a gradient passes. */
export interface Keeping {
  /** Which gradients of step `t` are wanted; undefined for none. */
  readonly kindOf: (t: number) => StepGradientKind | undefined;
  /** Whether step `t` keeps what it computed, where the back end can, rather than the latents in front of it. */
  readonly keepsAll: (t: number) => boolean;
}

/** Runs the chain down to the state in front of step `last`, keeping what gradients start from. */
export const sampleKeeping = async (
  { chain, calls }: { readonly chain: DenoisingChain; readonly calls: TapedCalls },
  inputs: EstimateInputs,
  last: number,
  { kindOf, keepsAll }: Keeping,
): Promise<{ readonly state: ChainState; readonly steps: ReadonlyMap<number, KeptStep> }> => {
  const { context, adapters, sampling } = inputs;
  const steps = new Map<number, KeptStep>();

  const keepLatents = (t: number, latents: Tensor4D, kind: StepGradientKind): KeptStep => ({
    kind,
    async gradients(cotangent) {
      const gradients = await calls.stepGradient(inputs, t, latents, kind, cotangent);
      latents.dispose();
      return gradients;
    },
    discard: () => latents.dispose(),
  });

  /** Takes step `t`; what of the state in front of it is not kept is disposed of. */
  const take = async (t: number, state: ChainState, noise: Tensor4D | undefined): Promise<ChainState> => {
    const kind = kindOf(t);
    const begun = kind && keepsAll(t) ? await calls.beginStep(inputs, t, state, kind, noise) : undefined;
    const next = begun
      ? (begun.results as unknown as ChainState)
      : await chain.denoise(t, state, context, adapters, noise, sampling);
    state.clean.dispose();
    if (kind && begun) {
      const { finish, discard } = begun;
      steps.set(t, { kind, gradients: (cotangent) => finish({ cotangent }), discard });
    }
    if (kind && !begun) steps.set(t, keepLatents(t, state.latents, kind));
    else state.latents.dispose();
    return next;
  };

  let state: ChainState = { latents: inputs.latents.clone(), clean: tf.zerosLike(inputs.latents) };
  for (let t = chain.steps; t > last; t--) {
    const noise = chain.step(t).c === 0 ? undefined : inputs.noise(t);
    const before = state;
    state = await inPhase('sampling', `step ${t}`, () => take(t, before, noise));
    noise?.dispose();
  }
  return { state, steps };
};
