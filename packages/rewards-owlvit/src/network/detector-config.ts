import { type ClipConfig, configFields, parseTextConfig, parseVisionConfig } from '@draft/model-clip';

const tower = (
  value: unknown,
  where: string,
  defaults: Readonly<Record<string, number>>,
  projection: number,
) => {
  const { raw, fail } = configFields(value ?? {}, where);
  const type = raw('model_type');
  if (type !== undefined && !String(type).startsWith('owlvit_')) {
    fail('UNSUPPORTED', 'model_type', 'only the towers of OWL-ViT can be run');
  }
  const { model_type: _, ...fields } = value as Readonly<Record<string, unknown>>;
  return { ...defaults, ...fields, projection_dim: projection };
};

/**
 * Reads the `config.json` of an OwlViTForObjectDetection; absent fields take the defaults of transformers, which are
 * those of `google/owlvit-base-patch32`.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/transformers/model_doc/owlvit#transformers.OwlViTConfig
 */
export function parseDetectorConfig(json: unknown): ClipConfig {
  const { raw, integer, fail } = configFields(json, "OWL-ViT's config.json");
  if (raw('model_type') !== undefined && raw('model_type') !== 'owlvit') {
    fail('UNSUPPORTED', 'model_type', 'only "owlvit" can be run');
  }
  const projection = integer('projection_dim', 512);
  const text = parseTextConfig({
    ...tower(raw('text_config') ?? {}, "OWL-ViT's text_config", { max_position_embeddings: 16 }, projection),
    // Whatever it says, the highest id of a row is pooled.
    eos_token_id: 2,
  });
  if (text.width !== projection) {
    fail(
      'UNSUPPORTED',
      'projection_dim',
      `boxes are compared with queries of the text tower's width ${text.width}`,
    );
  }
  const vision = parseVisionConfig(
    tower(raw('vision_config') ?? {}, "OWL-ViT's vision_config", { image_size: 768 }, projection),
  );
  return { text, vision };
}
