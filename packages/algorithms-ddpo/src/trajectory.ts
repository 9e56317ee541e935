import {
  type Adapters,
  type ChainState,
  type DenoisingChain,
  type SampleGroup,
  type SamplerTable,
  type SamplingWeights,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
} from '@draft/core';

/** A group's way through the sampling chain, as far as it is learnt from. */
export interface Trajectory {
  readonly group: SampleGroup;
  readonly context: Tensor3D;
  /** `x_t` by step, with `x_{t−1}` of each step that learns; 0 is the finished latents. */
  readonly states: ReadonlyMap<number, Tensor4D>;
  /** Log-probabilities `[n]` at the time of sampling, by step, as soon as they are known. */
  readonly old: Map<number, Tensor>;
}

/** Samples a group with what is learnt as it is; the trajectory is the caller's. */
export const sampleTrajectory = async (
  chain: DenoisingChain,
  table: SamplerTable,
  group: SampleGroup,
  adapters: Adapters,
  learns: ReadonlySet<number>,
  sampling?: SamplingWeights,
): Promise<Trajectory> => {
  const context = await group.context();
  const states = new Map<number, Tensor4D>();
  const noise = group.noise('initial');
  let state: ChainState = { latents: tf.mul(noise, table.initialNoiseScale), clean: tf.zerosLike(noise) };
  noise.dispose();
  for (let t = chain.steps; t > 0; t--) {
    const fresh = chain.step(t).c === 0 ? undefined : group.noise('step', t);
    const next = await chain.denoise(t, state, context, adapters, fresh, sampling);
    fresh?.dispose();
    state.clean.dispose();
    if (learns.has(t) || learns.has(t + 1)) states.set(t, state.latents);
    else state.latents.dispose();
    state = next;
  }
  state.clean.dispose();
  states.set(0, state.latents);
  return { group, context, states, old: new Map() };
};

/** Frees a trajectory. */
export const disposeTrajectory = ({ context, states, old }: Trajectory): void => {
  tf.dispose([context, ...states.values(), ...old.values()]);
};
