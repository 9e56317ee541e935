import type { SamplerStep } from '../contracts/sampler.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';
import type { ChainOptions } from './denoising-chain.js';
import { accumulate, type EstimateInputs } from './estimate.js';
import type { WeightedReward } from './objective.js';
import { compilePixelGradient } from './pixel-gradient.js';
import type { TapedCalls } from './taped-calls.js';
import { isParameter } from './trained-names.js';

/** A finished picture. */
interface Finished {
  /** `[n, h, w, c]`. */
  readonly finished: Tensor4D;
  readonly images: Tensor4D;
}

/** DRaFT-LV's noisy copies. */
export interface NoisyCopies {
  /**
   * Noises the finished latents to the level of the last step `t`, `x = (x̂₀ − q·z) / p`, runs that step again, and adds the
   * gradients to `sum`.
   */
  add(inputs: EstimateInputs, t: number, picture: Finished, sum: Record<string, Tensor>): Promise<void>;
  dispose(): void;
}

/** Makes what runs the copies of plans that have some. */
export const createNoisyCopies = (
  { runtime }: Pick<ChainOptions, 'runtime'>,
  rewards: readonly WeightedReward[],
  calls: TapedCalls,
  step: (t: number) => SamplerStep,
): NoisyCopies => {
  let pixelGradient: ReturnType<typeof compilePixelGradient> | undefined;
  return {
    async add(inputs, t, { finished, images }, sum) {
      const { copies, stop, singleReward = false } = inputs.plan;
      if (copies === 0) return;
      const { p, q } = step(t);
      if (singleReward) pixelGradient ??= compilePixelGradient(runtime, rewards);
      const frozen = singleReward ? await pixelGradient?.({ images, ...inputs.prepared }) : undefined;
      const again = frozen ? { ...inputs, prepared: frozen } : inputs;
      // The step that the copies take again is held once.
      const end = { final: stop > 0 ? 'prediction' : 'step', live: false, held: false } as const;
      for (let i = 0; i < copies; i++) {
        const z = inputs.copyNoise(i);
        const latents = tf.tidy(() => tf.div(tf.sub(finished, tf.mul(q, z)), p)) as Tensor4D;
        const state = { latents, clean: tf.zerosLike(latents) };
        const results = Object.entries(await calls.finish(again, t, state, { ...end, frozen: singleReward }));
        accumulate(sum, Object.fromEntries(results.filter(([name]) => isParameter(name))));
        const others = results.filter(([name]) => !isParameter(name)).map(([, tensor]) => tensor);
        tf.dispose([z, state.latents, state.clean, ...others]);
      }
      tf.dispose(Object.values(frozen ?? {}));
    },
    dispose: () => pixelGradient?.dispose(),
  };
};
