import type { ClipBlockConfig } from '../block/clip-block.js';
import { configFields } from '../config/config-fields.js';

/** The architecture of a CLIP vision tower. */
export interface VisionConfig extends ClipBlockConfig {
  readonly layers: number;
  /** Side of the square image that the tower reads, in pixels. */
  readonly imageSize: number;
  /** Side of the squares that the image is cut into, in pixels; what does not fill one is not seen. */
  readonly patchSize: number;
  /** Width of the embeddings of a tower with projection. */
  readonly projectionWidth: number;
}

/**
 * Reads the `config.json` of a CLIPVisionModel; absent fields take the defaults of transformers.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/transformers/model_doc/clip#transformers.CLIPVisionConfig
 */
export function parseVisionConfig(json: unknown): VisionConfig {
  const fields = configFields(json, "vision tower's config.json");
  const { raw, integer, fail } = fields;
  if (raw('model_type') !== undefined && raw('model_type') !== 'clip_vision_model') {
    fail('UNSUPPORTED', 'model_type', 'only "clip_vision_model" can be run');
  }
  if (integer('num_channels', 3) !== 3) fail('UNSUPPORTED', 'num_channels', 'only RGB images can be read');
  const width = integer('hidden_size', 768);
  const heads = integer('num_attention_heads', 12);
  if (width % heads !== 0) fail('INVALID', 'num_attention_heads', `it must divide the hidden_size ${width}`);
  const imageSize = integer('image_size', 224);
  const patchSize = integer('patch_size', 32);
  if (patchSize > imageSize) fail('INVALID', 'patch_size', `the image_size is only ${imageSize}`);
  return {
    width,
    innerWidth: integer('intermediate_size', 3072),
    layers: integer('num_hidden_layers', 12),
    heads,
    activation: fields.activation(),
    epsilon: fields.positive('layer_norm_eps', 1e-5),
    imageSize,
    patchSize,
    projectionWidth: integer('projection_dim', 512),
  };
}
