import { configFields } from '../config/config-fields.js';
import { parseTextConfig, type TextConfig } from '../text/text-config.js';
import { parseVisionConfig, type VisionConfig } from '../vision/vision-config.js';

/** The architecture of a CLIP model: two towers that embed into one space. */
export interface ClipConfig {
  readonly text: TextConfig;
  readonly vision: VisionConfig;
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads the `config.json` of a CLIPModel. Both towers project to its `projection_dim`.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/transformers/model_doc/clip#transformers.CLIPConfig
 */
export function parseClipConfig(json: unknown): ClipConfig {
  const fields = configFields(json, "CLIP model's config.json");
  const { raw, fail } = fields;
  if (raw('model_type') !== undefined && raw('model_type') !== 'clip') {
    fail('UNSUPPORTED', 'model_type', 'only "clip" can be run');
  }
  const projectionWidth = fields.integer('projection_dim', 512);
  const tower = (name: 'text_config' | 'vision_config'): Readonly<Record<string, unknown>> => {
    const plain = raw(name) ?? {};
    // Older files repeat what differs from the defaults here, and transformers lets it win.
    const older = raw(`${name}_dict`) ?? {};
    if (!isFields(plain)) return fail('INVALID', name, 'it must be an object');
    if (!isFields(older)) return fail('INVALID', `${name}_dict`, 'it must be an object');
    return { ...plain, ...older, projection_dim: projectionWidth };
  };
  return { text: parseTextConfig(tower('text_config')), vision: parseVisionConfig(tower('vision_config')) };
}
