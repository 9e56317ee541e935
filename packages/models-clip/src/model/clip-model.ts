import type { Tensor, Weights } from '@draft/core';
import type { ClipConfig } from './clip-config.js';
import { createImageEmbedder, createTextEmbedder, type ImageEmbedder, type TextEmbedder } from './embedders.js';

/** A CLIP model: two towers that embed into one space. */
export interface ClipModel {
  readonly text: TextEmbedder;
  readonly image: ImageEmbedder;
  /** Logarithm of the factor of the cosines, a scalar. */
  readonly logitScale: Tensor;
}

/**
 * Builds a CLIP model on its weights, named as transformers names them.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 */
export const createClip = (config: ClipConfig, weights: Weights): ClipModel => ({
  text: createTextEmbedder(config.text, weights),
  image: createImageEmbedder(config.vision, weights),
  logitScale: weights.get('logit_scale', [], 'vector'),
});
