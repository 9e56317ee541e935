import {
  conv2d,
  DraftError,
  inBranches,
  layerNorm,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
  type Weights,
} from '@draft/core';
import { createClipBlock } from '../block/clip-block.js';
import type { VisionConfig } from './vision-config.js';

/** A CLIP vision tower. Plain tensor code, differentiable: call it inside a tidy or a compiled function. */
export interface VisionTower {
  readonly config: VisionConfig;
  /**
   * The states of the class token and of all patches after the last block, `[n, 1 + patches, width]`; patches row
   * by row, without a final norm.
   * @param pixels `[n, size, size, 3]`, normalised as the checkpoint needs it.
   */
  hiddenStates(pixels: Tensor4D): Tensor3D;
  /** The states of all tokens after the final norm, `[n, 1 + patches, width]`. */
  normalized(states: Tensor3D): Tensor3D;
  /** The class token's state after the final norm, `[n, width]`. */
  pooled(states: Tensor3D): Tensor2D;
}

/**
 * Builds a vision tower on its weights, named as transformers names them, with or without `vision_model.` in front.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 * @see Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision
 */
export function createVisionTower(config: VisionConfig, weights: Weights): VisionTower {
  const { width, imageSize, patchSize, epsilon } = config;
  const side = Math.floor(imageSize / patchSize);
  const patches = side * side;
  const first = 'embeddings.class_embedding';
  const prefix = !weights.has(`vision_model.${first}`) && weights.has(first) ? '' : 'vision_model.';
  const get = (name: string, shape: readonly number[], layout: 'vector' | 'table' | 'convolution'): Tensor =>
    weights.get(prefix + name, shape, layout);
  const norm = (name: string) => {
    const gamma = get(`${name}.weight`, [width], 'vector');
    const beta = get(`${name}.bias`, [width], 'vector');
    return <T extends Tensor>(x: T): T => layerNorm(x, { gamma, beta }, { epsilon });
  };
  const classToken = get(first, [width], 'vector');
  const patchWeight = get(
    'embeddings.patch_embedding.weight',
    [patchSize, patchSize, 3, width],
    'convolution',
  );
  const places = get('embeddings.position_embedding.weight', [1 + patches, width], 'table');
  // Transformers' own spelling.
  const before = norm('pre_layrnorm');
  const blocks = Array.from({ length: config.layers }, (_, layer) =>
    createClipBlock(weights, `${prefix}encoder.layers.${layer}`, config, false),
  );
  const after = norm('post_layernorm');

  const encode = (pixels: Tensor4D): Tensor3D => {
    const n = pixels.shape[0];
    const seen = conv2d(pixels, { weight: patchWeight }, { stride: patchSize, pad: 'valid' });
    const patchStates = tf.reshape(seen, [n, patches, width]);
    const classStates = tf.add(tf.zeros([n, 1, width]), classToken); // [n, 1, width]
    const tokens: Tensor = tf.add(tf.concat([classStates, patchStates], 1), places); // [n, 1 + patches, width]
    return blocks.reduce((x, block) => block(x), before(tokens as Tensor3D));
  };

  return {
    config,
    hiddenStates(pixels) {
      const [, height, columns] = pixels.shape;
      if (height !== imageSize || columns !== imageSize) {
        throw new DraftError(
          'DRAFT_SHAPE',
          `The vision tower reads images of ${imageSize} × ${imageSize}, not of ${height} × ${columns}.`,
        );
      }
      return inBranches([pixels], encode) as Tensor3D;
    },
    normalized: after,
    pooled(states) {
      const own = tf.slice(states, [0, 0, 0], [-1, 1, -1]); // [n, 1, width]
      return after(tf.reshape(own, [states.shape[0], width]) as Tensor2D);
    },
  };
}
