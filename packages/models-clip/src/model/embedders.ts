import { linear, type Tensor2D, type Tensor4D, tf, type Weights } from '@draft/core';
import type { TextConfig } from '../text/text-config.js';
import { createTextTower, type TextTower } from '../text/text-tower.js';
import type { VisionConfig } from '../vision/vision-config.js';
import { createVisionTower, type VisionTower } from '../vision/vision-tower.js';

/** A text tower with its projection (transformers' CLIPTextModelWithProjection). */
export interface TextEmbedder {
  readonly tower: TextTower;
  /**
   * The embeddings of token rows, `[n, projectionWidth]`, not normalised. Plain tensor code.
   * @param ids `[n, tokens]`, int32.
   */
  embed(ids: Tensor2D): Tensor2D;
}

/** A vision tower with its projection (transformers' CLIPVisionModelWithProjection). */
export interface ImageEmbedder {
  readonly tower: VisionTower;
  /**
   * The embeddings of images, `[n, projectionWidth]`, not normalised. Plain tensor code, differentiable.
   * @param pixels `[n, size, size, 3]`, normalised as the checkpoint needs it.
   */
  embed(pixels: Tensor4D): Tensor2D;
}

/**
 * Builds a text tower with `text_projection`.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 */
export function createTextEmbedder(config: TextConfig, weights: Weights): TextEmbedder {
  const tower = createTextTower(config, weights);
  const weight = weights.get('text_projection.weight', [config.projectionWidth, config.width], 'linear');
  return { tower, embed: (ids) => linear(tower.pooled(ids, tower.hiddenStates(ids)), { weight }, [], { precise: true }) };
}

/**
 * Builds a vision tower with `visual_projection`.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 */
export function createImageEmbedder(config: VisionConfig, weights: Weights): ImageEmbedder {
  const tower = createVisionTower(config, weights);
  const weight = weights.get('visual_projection.weight', [config.projectionWidth, config.width], 'linear');
  return { tower, embed: (pixels) => linear(tower.pooled(tower.hiddenStates(pixels)), { weight }, [], { precise: true }) };
}

/** Rows at length 1, `x / ‖x‖`; a row of zeros stays one. */
export const unitRows = (rows: Tensor2D): Tensor2D =>
  // The smallest normal float32, so that no row that is one to float32 is changed.
  tf.mul(rows, tf.rsqrt(tf.maximum(tf.sum(tf.square(rows), 1, true), 1.2e-38)));
