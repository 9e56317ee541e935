import type { WeightedReward } from '../contracts/reward.js';
import type { TensorRecord } from '../contracts/runtime.js';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../runtime/tf.js';
import { samplingRecord } from '../sampling/sampling-record.js';
import { adapterRecord } from './adapter-record.js';
import { type Cotangent, disposeCotangent, noiseCotangent, previousCotangent } from './adjoint.js';
import { type ChainOptions, type ChainState, createDenoisingChain } from './denoising-chain.js';
import { compileFinalGradient } from './final-gradient.js';
import type { GenerateInputs } from './generator.js';
import { packCoefficients } from './step-coefficients.js';
import { compileStepGradient } from './step-gradient.js';
import { createTextContext } from './text-context.js';

/** One batch of pictures whose rewards are differentiated in their initial noise. */
export interface NoiseGradientInputs extends GenerateInputs {
  /** What the rewards prepared for this batch, by `prepared.<reward>.<name>`; stays the caller's. */
  readonly prepared: TensorRecord;
}

/** A batch with the gradient of `Σ_i Σ_r weight_r · score_r(image_i)` in its noise. Owned by the caller. */
export interface NoiseGradient {
  /** In the standard normal noise, `[n, h, w, c]`. */
  readonly gradient: Tensor4D;
  /** `[n]` per reward, without its weight. */
  readonly scores: Readonly<Record<string, Tensor1D>>;
  /** Final latents, `[n, h, w, c]`. */
  readonly latents: Tensor4D;
  /** `[n, height, width, 3]` in `[0, 1]`. */
  readonly images: Tensor4D;
}

/** Differentiates rewards in the initial noise, through the whole chain. */
export interface NoiseGradientEstimator {
  /** @param progress Called after each step, forth and back, with the share that is done, `0..1`. */
  estimate(inputs: NoiseGradientInputs, progress?: (share: number) => void): Promise<NoiseGradient>;
  dispose(): void;
}

/**
 * Builds the gradient of rewards in the initial noise by the chain's adjoint: of each step its input is kept, and the
 * activations are computed again on the way back.
 * @see {@link https://arxiv.org/abs/2303.13703} DOODL, which optimises the noise by it
 */
export const createNoiseGradient = (
  options: ChainOptions,
  rewards: readonly WeightedReward[],
): NoiseGradientEstimator => {
  const chain = createDenoisingChain(options);
  const text = createTextContext(options.model, options.guidance);
  const end = compileFinalGradient(options, rewards, 'none', false);
  const stepGradient = compileStepGradient(options, { parameters: false, input: true });
  const scale = options.table.initialNoiseScale;

  return {
    async estimate({ prompts, noise, stepNoise, adapters, sampling, prepared }, progress) {
      const { steps } = chain;
      const done = (count: number) => progress?.(count / (2 * steps + 1));
      const adaptersAt = (t: number) => (typeof adapters === 'function' ? adapters(t) : adapters);
      const samplingAt = (t: number) => (typeof sampling === 'function' ? sampling(t) : sampling);
      const context = await text.encode(prompts, options.guidance !== 1 || sampling !== undefined);
      const inputs = new Map<number, Tensor4D>();
      let state: ChainState = { latents: tf.mul(noise, scale), clean: tf.zerosLike(noise) };
      for (let t = steps; t > 0; t--) {
        const fresh = chain.step(t).c === 0 ? undefined : stepNoise(t);
        const next = await chain.denoise(t, state, context, adaptersAt(t), fresh, samplingAt(t));
        fresh?.dispose();
        state.clean.dispose();
        inputs.set(t, state.latents);
        state = next;
        done(steps - t + 1);
      }
      state.clean.dispose();
      const { result, images, finished, ...rest } = await end({ latents: state.latents, ...prepared });
      state.latents.dispose();

      let cotangent: Cotangent = { state: result as Tensor4D, clean: null };
      for (let t = 1; t <= steps; t++) {
        const step = chain.step(t);
        const onNoise = noiseCotangent(step, cotangent);
        const latents = inputs.get(t) as Tensor4D;
        let through: Tensor | undefined;
        if (onNoise) {
          const coefficients = packCoefficients(step);
          const product = await stepGradient({
            latents,
            context,
            cotangent: onNoise,
            coefficients,
            ...adapterRecord(adaptersAt(t)),
            ...samplingRecord(samplingAt(t)),
          });
          through = product.input;
          tf.dispose([coefficients, onNoise]);
        }
        const before = cotangent;
        cotangent = previousCotangent(step, before, through as Tensor4D | undefined);
        disposeCotangent(before);
        tf.dispose([latents, ...(through ? [through] : [])]);
        done(steps + t);
      }
      // `x̂₀` before the first step is a constant zero.
      const onState = cotangent.state;
      const gradient = (onState ? tf.mul(onState, scale) : tf.zerosLike(noise)) as Tensor4D;
      disposeCotangent(cotangent);
      context.dispose();
      done(2 * steps + 1);
      const scores = Object.fromEntries(
        Object.entries(rest).map(([name, score]) => [name.slice('score.'.length), score as Tensor1D]),
      );
      return { gradient, scores, latents: finished as Tensor4D, images: images as Tensor4D };
    },
    dispose() {
      chain.dispose();
      text.dispose();
      end.dispose();
      stepGradient.dispose();
    },
  };
};
