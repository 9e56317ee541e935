/** Names that are translated by their beginning, or whole; open_clip's and transformers'. */
const beginnings = [
  ['visual.transformer.resblocks.', 'vision_model.encoder.layers.'],
  ['visual.class_embedding', 'vision_model.embeddings.class_embedding'],
  ['visual.positional_embedding', 'vision_model.embeddings.position_embedding.weight'],
  ['visual.conv1.', 'vision_model.embeddings.patch_embedding.'],
  ['visual.ln_pre.', 'vision_model.pre_layrnorm.'],
  ['visual.ln_post.', 'vision_model.post_layernorm.'],
  ['visual.proj', 'visual_projection.weight'],
  ['transformer.resblocks.', 'text_model.encoder.layers.'],
  ['token_embedding.', 'text_model.embeddings.token_embedding.'],
  ['positional_embedding', 'text_model.embeddings.position_embedding.weight'],
  ['ln_final.', 'text_model.final_layer_norm.'],
  ['text_projection', 'text_projection.weight'],
] as const;

/** What is translated within the name of a block's part. */
const parts = [
  ['.ln_1.', '.layer_norm1.'],
  ['.ln_2.', '.layer_norm2.'],
  ['.attn.out_proj.', '.self_attn.out_proj.'],
  ['.mlp.c_fc.', '.mlp.fc1.'],
  ['.mlp.c_proj.', '.mlp.fc2.'],
] as const;

const fused = /\.attn\.in_proj_(weight|bias)$/;
const split = /\.self_attn\.[qkv]_proj\.(weight|bias)$/;

/** Where a translated tensor comes from. */
export interface OpenClipOrigin {
  /** Transformers' name. */
  readonly name: string;
  /** Which third of the stored rows it is: queries, keys or values. */
  readonly third?: 0 | 1 | 2;
  /** Whether it is stored with input and output exchanged. */
  readonly transposed?: true;
}

const translate = (name: string, from: 0 | 1): string => {
  const to = from === 0 ? 1 : 0;
  const beginning = beginnings.find(({ [from]: start }) =>
    start.endsWith('.') ? name.startsWith(start) : name === start,
  );
  const begun = beginning ? beginning[to] + name.slice(beginning[from].length) : name;
  return parts.reduce((text, pair) => text.replace(pair[from], pair[to]), begun);
};

/** What becomes of a tensor of open_clip's: transformers' tensors, three of them where it is a fused projection. */
export function fromOpenClip(name: string): readonly OpenClipOrigin[] {
  const match = fused.exec(name);
  const translated = translate(name, 0);
  if (match) {
    return (['q', 'k', 'v'] as const).map((letter, third) => ({
      name: translated.replace(fused, `.self_attn.${letter}_proj.${match[1]}`),
      third: third as 0 | 1 | 2,
    }));
  }
  const transposed = name === 'visual.proj' || name === 'text_projection';
  return [transposed ? { name: translated, transposed } : { name: translated }];
}

/** How open_clip calls the tensor that holds one of transformers'. */
export const toOpenClip = (name: string): string =>
  translate(name, 1).replace(split, (_, kind: string) => `.attn.in_proj_${kind}`);
