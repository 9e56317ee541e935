import { DraftError, layerNorm, type Tensor2D, type Tensor3D, tf, type Weights } from '@draft/core';
import { createClipBlock } from '../block/clip-block.js';
import type { TextConfig } from './text-config.js';

/** The states of all tokens at two places of a tower, `[n, tokens, width]` both. */
export interface TextStates {
  /** After the final norm. */
  readonly last: Tensor3D;
  /** What goes into the last block, without a norm (transformers' `hidden_states[-2]`). */
  readonly penultimate: Tensor3D;
}

/** A CLIP text tower. Plain tensor code: call it inside a tidy or a compiled function. */
export interface TextTower {
  readonly config: TextConfig;
  /**
   * The states of all tokens after the final norm, `[n, tokens, width]`.
   * @param ids `[n, tokens]`, int32, below the vocabulary's size; at most as many tokens as there are positions.
   */
  hiddenStates(ids: Tensor2D): Tensor3D;
  /** `hiddenStates`, and those before the last block, from one pass. */
  states(ids: Tensor2D): TextStates;
  /**
   * The state of each row's end token, `[n, width]`.
   * @param states What `hiddenStates` gave for the same ids.
   */
  pooled(ids: Tensor2D, states: Tensor3D): Tensor2D;
}

/** Column of the first end token of each row, as `[n, tokens]` with a single 1. */
function markEnd(ids: Tensor2D, endToken: number | null): Tensor2D {
  const tokens = ids.shape[1];
  const end = tf.equal(ids, endToken === null ? tf.max(ids, 1, true) : endToken);
  // Scores without ties, so that every back end finds the same maximum.
  const earliness = tf.range(tokens, 0, -1, 'float32');
  const scores = tf.add(tf.mul(tf.cast(end, 'float32'), tokens), earliness);
  return tf.cast(tf.oneHot(tf.argMax(scores, 1), tokens), 'float32') as Tensor2D;
}

/**
 * Builds a text tower on its weights, named as transformers names them, with or without `text_model.` in front.
 * @throws DraftError `DRAFT_WEIGHT_MISSING` or `DRAFT_WEIGHT_SHAPE`.
 * @see Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision
 */
export function createTextTower(config: TextConfig, weights: Weights): TextTower {
  const { width, vocabularySize, positions, epsilon, endToken } = config;
  const table = 'embeddings.token_embedding.weight';
  const prefix = !weights.has(`text_model.${table}`) && weights.has(table) ? '' : 'text_model.';
  const tokenTable = weights.get(prefix + table, [vocabularySize, width], 'table');
  const positionTable = weights.get(
    `${prefix}embeddings.position_embedding.weight`,
    [positions, width],
    'table',
  );
  const blocks = Array.from({ length: config.layers }, (_, layer) =>
    createClipBlock(weights, `${prefix}encoder.layers.${layer}`, config, true),
  );
  const gamma = weights.get(`${prefix}final_layer_norm.weight`, [width], 'vector');
  const beta = weights.get(`${prefix}final_layer_norm.bias`, [width], 'vector');

  const statesOf = (ids: Tensor2D): TextStates => {
    const tokens = ids.shape[1];
    if (tokens > positions) {
      throw new DraftError(
        'DRAFT_TOKENS_TOO_MANY',
        `The text encoder has ${positions} positions, fewer than the ${tokens} tokens of a row.`,
      );
    }
    const places = tf.gather(positionTable, tf.range(0, tokens, 1, 'int32')); // [tokens, width]
    let state = tf.add(tf.gather(tokenTable, ids), places) as Tensor3D; // [n, tokens, width]
    let penultimate = state;
    for (const block of blocks) {
      penultimate = state;
      state = block(state);
    }
    return { last: layerNorm(state, { gamma, beta }, { epsilon }), penultimate };
  };

  return {
    config,
    hiddenStates: (ids) => statesOf(ids).last,
    states: statesOf,
    pooled(ids, states) {
      const mark = tf.expandDims(markEnd(ids, endToken), 1); // [n, 1, tokens]
      return tf.reshape(tf.matMul(mark, states), [ids.shape[0], width]);
    },
  };
}
