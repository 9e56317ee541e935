import {
  type Adapters,
  type ChainState,
  type DenoisingChain,
  prepareRewards,
  type Reward,
  type SampleGroup,
  type SamplerTable,
  type SamplingWeights,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
  type WeightedReward,
} from '@draft/core';

/** What is kept of a group's way through the chain. */
export interface KeptSteps {
  readonly context: Tensor3D;
  /** What the rewards prepared. */
  readonly prepared: Readonly<Record<string, Tensor>>;
  /** By step: the state `x_t`, and its one-step prediction `x̂₀(t)`. */
  readonly steps: ReadonlyMap<number, { readonly latents: Tensor4D; readonly clean: Tensor4D }>;
  readonly finished: Tensor4D;
}

/** Samples a group with what is learnt as it is; the result is the caller's. */
export const sampleAndKeep = async (
  chain: DenoisingChain,
  table: SamplerTable,
  group: SampleGroup,
  rewards: readonly WeightedReward<Reward>[],
  adapters: Adapters,
  keep: ReadonlySet<number>,
  sampling?: SamplingWeights,
): Promise<KeptSteps> => {
  const context = await group.context();
  const prepared = await prepareRewards(rewards, group.rewardContext);
  const steps = new Map<number, { readonly latents: Tensor4D; readonly clean: Tensor4D }>();
  const noise = group.noise('initial');
  let state: ChainState = { latents: tf.mul(noise, table.initialNoiseScale), clean: tf.zerosLike(noise) };
  noise.dispose();
  for (let t = chain.steps; t > 0; t--) {
    const fresh = chain.step(t).c === 0 ? undefined : group.noise('step', t);
    const next = await chain.denoise(t, state, context, adapters, fresh, sampling);
    fresh?.dispose();
    if (keep.has(t)) steps.set(t, { latents: state.latents, clean: next.clean.clone() });
    else state.latents.dispose();
    state.clean.dispose();
    state = next;
  }
  state.clean.dispose();
  return { context, prepared, steps, finished: state.latents };
};

/** Frees what was kept. */
export const disposeKept = ({ context, prepared, steps, finished }: KeptSteps): void => {
  const states = [...steps.values()].flatMap(({ latents, clean }) => [latents, clean]);
  tf.dispose([context, finished, ...Object.values(prepared), ...states]);
};
