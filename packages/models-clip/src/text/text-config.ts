import { DraftError } from '@draft/core';

/** The activation between the two linear maps of a block. */
export type TextActivation = 'quick_gelu' | 'gelu';

/** The architecture of a CLIP text tower. */
export interface TextConfig {
  readonly vocabularySize: number;
  readonly width: number;
  /** Width between the two linear maps of a block. */
  readonly innerWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** Tokens in the longest row that the tower has positions for. */
  readonly positions: number;
  readonly activation: TextActivation;
  readonly epsilon: number;
  /** Id whose first place in a row is pooled; null pools at the highest id of the row, as old checkpoints need. */
  readonly endToken: number | null;
}

const activations: readonly string[] = ['quick_gelu', 'gelu'] satisfies readonly TextActivation[];

/**
 * Reads the `config.json` of a CLIPTextModel; absent fields take the defaults of transformers.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/transformers/model_doc/clip#transformers.CLIPTextConfig
 */
export function parseTextConfig(json: unknown): TextConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new DraftError('DRAFT_CONFIG_INVALID', "The text encoder's config.json holds no JSON object.");
  }
  const fields = json as Readonly<Record<string, unknown>>;
  const fail = (kind: 'INVALID' | 'UNSUPPORTED', field: string, problem: string): never => {
    throw new DraftError(
      `DRAFT_CONFIG_${kind}`,
      `The text encoder's config.json has "${field}": ${JSON.stringify(fields[field])}, but ${problem}.`,
    );
  };
  const integer = (field: string, fallback: number): number => {
    const value = fields[field] ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
    return fail('INVALID', field, 'it must be a whole number of at least 1');
  };

  if (fields.model_type !== undefined && fields.model_type !== 'clip_text_model') {
    fail('UNSUPPORTED', 'model_type', 'only "clip_text_model" can be run');
  }
  if (fields.use_attention_mask === true) {
    fail('UNSUPPORTED', 'use_attention_mask', 'only text encoders that read the padding too can be run');
  }
  const activation = fields.hidden_act ?? 'quick_gelu';
  if (!activations.includes(activation as string)) {
    fail(
      'UNSUPPORTED',
      'hidden_act',
      `only ${activations.map((name) => `"${name}"`).join(' and ')} can be run`,
    );
  }
  const epsilon = fields.layer_norm_eps ?? 1e-5;
  if (typeof epsilon !== 'number' || !(epsilon > 0) || !Number.isFinite(epsilon)) {
    return fail('INVALID', 'layer_norm_eps', 'it must be a number above 0');
  }
  const end = fields.eos_token_id ?? 49407;
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
    activation: activation as TextActivation,
    epsilon,
    // Configurations from before the field was corrected all say 2, which ends no CLIP prompt.
    endToken: end === 2 ? null : end,
  };
}
