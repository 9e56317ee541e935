import { configFields } from '../config/config-fields.js';
import type { ClipConfig } from '../model/clip-config.js';

/** What open_clip's two towers of one name have in common in their configuration. */
const fieldsOf = (json: unknown, where: string) =>
  configFields(json ?? {}, `open_clip_config.json's ${where}`);

/**
 * Reads an `open_clip_config.json`, or its `model_cfg` alone; absent fields take open_clip's defaults.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://github.com/mlfoundations/open_clip
 */
export function parseOpenClipConfig(json: unknown): ClipConfig {
  const whole = fieldsOf(json, 'whole');
  const model = whole.raw('model_cfg') === undefined ? whole : fieldsOf(whole.raw('model_cfg'), 'model_cfg');
  const vision = fieldsOf(model.raw('vision_cfg'), 'vision_cfg');
  const text = fieldsOf(model.raw('text_cfg'), 'text_cfg');
  for (const field of ['timm_model_name', 'attentional_pool', 'global_average_pool']) {
    if (vision.raw(field))
      vision.fail('UNSUPPORTED', field, "only CLIP's plain vision transformers can be run");
  }
  if (Array.isArray(vision.raw('layers'))) {
    vision.fail('UNSUPPORTED', 'layers', 'only vision transformers can be run');
  }
  for (const field of ['hf_model_name', 'embed_cls', 'custom_text']) {
    if (text.raw(field)) text.fail('UNSUPPORTED', field, "only CLIP's plain text tower can be run");
  }
  const activation = model.raw('quick_gelu') === true ? 'quick_gelu' : 'gelu';
  const projectionWidth = model.integer('embed_dim', 512);
  const width = vision.integer('width', 768);
  const headWidth = vision.integer('head_width', 64);
  if (width % headWidth !== 0) vision.fail('INVALID', 'head_width', `it must divide the width ${width}`);
  const textWidth = text.integer('width', 512);
  const textHeads = text.integer('heads', 8);
  if (textWidth % textHeads !== 0) text.fail('INVALID', 'heads', `it must divide the width ${textWidth}`);
  return {
    vision: {
      width,
      innerWidth: Math.floor(width * vision.positive('mlp_ratio', 4)),
      layers: vision.integer('layers', 12),
      heads: width / headWidth,
      imageSize: vision.integer('image_size', 224),
      patchSize: vision.integer('patch_size', 16),
      activation,
      epsilon: 1e-5,
      projectionWidth,
    },
    text: {
      vocabularySize: text.integer('vocab_size', 49408),
      width: textWidth,
      innerWidth: Math.floor(textWidth * text.positive('mlp_ratio', 4)),
      layers: text.integer('layers', 12),
      heads: textHeads,
      positions: text.integer('context_length', 77),
      activation,
      epsilon: 1e-5,
      endToken: null,
      projectionWidth,
    },
  };
}
