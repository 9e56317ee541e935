import type { ClipBlockConfig } from '../block/clip-block.js';
import { type ClipActivation, configFields } from '../config/config-fields.js';

/** The activation between the two linear maps of a block. */
export type TextActivation = ClipActivation;

/** The architecture of a CLIP text tower. */
export interface TextConfig extends ClipBlockConfig {
  readonly vocabularySize: number;
  readonly layers: number;
  /** Tokens in the longest row that the tower has positions for. */
  readonly positions: number;
  /** Id whose first place in a row is pooled; null pools at the highest id of the row, as old checkpoints need. */
  readonly endToken: number | null;
  /** Width of the embeddings of a tower with projection. */
  readonly projectionWidth: number;
}

/**
 * Reads the `config.json` of a CLIPTextModel; absent fields take the defaults of transformers.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/transformers/model_doc/clip#transformers.CLIPTextConfig
 */
export function parseTextConfig(json: unknown): TextConfig {
  const fields = configFields(json, "text encoder's config.json");
  const { raw, integer, fail } = fields;
  if (raw('model_type') !== undefined && raw('model_type') !== 'clip_text_model') {
    fail('UNSUPPORTED', 'model_type', 'only "clip_text_model" can be run');
  }
  if (raw('use_attention_mask') === true) {
    fail('UNSUPPORTED', 'use_attention_mask', 'only text encoders that read the padding too can be run');
  }
  const activation = fields.activation();
  const epsilon = fields.positive('layer_norm_eps', 1e-5);
  const end = raw('eos_token_id') ?? 49407;
  if (typeof end !== 'number' || !Number.isSafeInteger(end) || end < 0) {
    return fail('INVALID', 'eos_token_id', 'it must be one token id');
  }
  const width = integer('hidden_size', 512);
  const heads = integer('num_attention_heads', 8);
  if (width % heads !== 0) fail('INVALID', 'num_attention_heads', `it must divide the hidden_size ${width}`);
  return {
    vocabularySize: integer('vocab_size', 49408),
    width,
    innerWidth: integer('intermediate_size', 2048),
    layers: integer('num_hidden_layers', 12),
    heads,
    positions: integer('max_position_embeddings', 77),
    activation,
    epsilon,
    // Configurations from before the field was corrected all say 2, which ends no CLIP prompt.
    endToken: end === 2 ? null : end,
    projectionWidth: integer('projection_dim', 512),
  };
}
