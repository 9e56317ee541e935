import { linear, type Tensor2D, type Tensor3D, tf, type Weights } from '@draft/core';
import { createTextTower, type TextConfig, type TextTower, type Tokenizer } from '@draft/model-clip';
import { createPooledRows } from './pooled-rows.js';
import type { PromptEncoder } from './prompt-encoder.js';

/** A text tower whose pooled state is projected (CLIPTextModelWithProjection). */
export interface ProjectedTower {
  readonly tower: TextTower;
  /** Pooled text embedding, `[n, projectionWidth]`, from what the tower's `states` gave as `last`. */
  project(ids: Tensor2D, last: Tensor3D): Tensor2D;
}

/** Builds the second text encoder of SDXL. */
export function createProjectedTower(config: TextConfig, weights: Weights): ProjectedTower {
  const tower = createTextTower(config, weights);
  const weight = weights.get('text_projection.weight', [config.projectionWidth, config.width], 'linear');
  return {
    tower,
    project: (ids, last) => linear(tower.pooled(ids, last), { weight }, [], { precise: true }),
  };
}

/**
 * The encoders of SDXL: the states of two text towers before their last blocks, side by side, and the projected
 * pooled state of the second.
 * @see Podell et al. 2023, SDXL: Improving Latent Diffusion Models for High-Resolution Image Synthesis, section 2.1
 */
export function createDoubleEncoder(
  first: { readonly tower: TextTower; readonly tokenizer: Tokenizer },
  second: { readonly projected: ProjectedTower; readonly tokenizer: Tokenizer },
): PromptEncoder {
  const { tower } = second.projected;
  const { pack, unpack } = createPooledRows(
    first.tower.config.width + tower.config.width,
    tower.config.projectionWidth,
  );
  const row = (tokenizer: Tokenizer, prompt: string): Tensor2D =>
    tf.tensor2d(tokenizer.encode(prompt), [1, tokenizer.length], 'int32');
  return {
    tokens: (prompt) => ({
      first: row(first.tokenizer, prompt),
      second: row(second.tokenizer, prompt),
    }),
    encode(ids) {
      const { penultimate, last } = tower.states(ids.second!);
      const states: Tensor3D = tf.concat([first.tower.states(ids.first!).penultimate, penultimate], 2);
      return pack(states, second.projected.project(ids.second!, last));
    },
    unpack,
  };
}
