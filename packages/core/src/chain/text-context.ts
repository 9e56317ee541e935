import type { DiffusionModel } from '../contracts/diffusion-model.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor, type Tensor3D, tf } from '../runtime/tf.js';

/** Text states for guided batches; keeps the unconditional prompt's. */
export interface TextContext {
  /**
   * `[2n, tokens, width]`, unconditional half first; `[n, …]` without guidance. Owned by the caller.
   * @param guided Whether there is guidance. @default guidance is not 1
   */
  encode(prompts: readonly string[], guided?: boolean): Promise<Tensor3D>;
  dispose(): void;
}

/**
 * Encodes prompts for a guidance scale.
 * @param negativePrompt What the unconditional branch sees. @default ''
 */
export const createTextContext = (
  model: DiffusionModel,
  guidance: number,
  negativePrompt = '',
): TextContext => {
  let unconditional: Tensor | undefined;
  return {
    async encode(prompts, guided = guidance !== 1) {
      const encode = (texts: readonly string[]) => inPhase('text', undefined, () => model.encode(texts));
      const conditional = (await encode(prompts)).context;
      if (!guided) return conditional;
      unconditional ??= (await encode([negativePrompt])).context;
      const both = tf.tidy(() => {
        const repeated = tf.tile(unconditional as Tensor3D, [prompts.length, 1, 1]);
        return tf.concat([repeated, conditional], 0);
      });
      conditional.dispose();
      return both as Tensor3D;
    },
    dispose() {
      unconditional?.dispose();
      unconditional = undefined;
    },
  };
};
