import type { Adapters } from '../contracts/diffusion-model.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { type Tensor4D, tf } from '../runtime/tf.js';
import { decodePictures } from './decode-pictures.js';
import { type ChainOptions, type ChainState, createDenoisingChain } from './denoising-chain.js';
import { createTextContext } from './text-context.js';

/** One batch of pictures to make. */
export interface GenerateInputs {
  readonly prompts: readonly string[];
  /** Standard normal initial noise, one per prompt, `[n, h, w, c]`; stays the caller's. */
  readonly noise: Tensor4D;
  /** Fresh noise of a step that adds some, owned by the callee; asked for in the order of the steps. */
  readonly stepNoise: (t: number) => Tensor4D;
  /**
   * The adapters' current values, with the structure that the generator was built for; a function gives those of
   * each step `t`, `T` first and 1 last.
   */
  readonly adapters: Adapters | ((t: number) => Adapters);
  /** What guides sampling where that was learnt, at all steps or at each step `t`. */
  readonly sampling?: SamplingWeights | ((t: number) => SamplingWeights | undefined) | undefined;
}

/** What came out; both are the caller's. */
export interface Generated {
  /** Final latents, `[n, h, w, c]`. */
  readonly latents: Tensor4D;
  /** `[n, height, width, 3]` in `[0, 1]`. */
  readonly images: Tensor4D;
}

/** Makes pictures. */
export interface Generator {
  /** @param progress Called after each step with the share that is done, `0..1`. */
  generate(inputs: GenerateInputs, progress?: (share: number) => void): Promise<Generated>;
  dispose(): void;
}

/** Builds a generator for one sampler's table, guidance scale and set of adapted layers. */
export const createGenerator = (options: ChainOptions & { readonly negativePrompt?: string }): Generator => {
  const { runtime, model, table } = options;
  const chain = createDenoisingChain(options);
  const text = createTextContext(model, options.guidance, options.negativePrompt);
  const decode = runtime.compile('decode', ({ latents }: { latents: Tensor4D }) => ({
    images: decodePictures(model, latents),
  }));
  return {
    async generate({ prompts, noise, stepNoise, adapters, sampling }, progress) {
      const context = await text.encode(prompts, options.guidance !== 1 || sampling !== undefined);
      let state: ChainState = {
        latents: tf.mul(noise, table.initialNoiseScale),
        clean: tf.zerosLike(noise),
      };
      for (let t = chain.steps; t > 0; t--) {
        const fresh = chain.step(t).c === 0 ? undefined : stepNoise(t);
        const current = typeof adapters === 'function' ? adapters(t) : adapters;
        const guided = typeof sampling === 'function' ? sampling(t) : sampling;
        const next = await chain.denoise(t, state, context, current, fresh, guided);
        fresh?.dispose();
        tf.dispose([state.latents, state.clean]);
        state = next;
        progress?.((chain.steps - t + 1) / (chain.steps + 1));
      }
      tf.dispose([context, state.clean]);
      const { images } = await decode({ latents: state.latents });
      progress?.(1);
      return { latents: state.latents, images };
    },
    dispose() {
      chain.dispose();
      text.dispose();
      decode.dispose();
    },
  };
};
