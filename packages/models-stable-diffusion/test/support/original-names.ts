/**
 * The way from diffusers' names to those of the original code, written down once more and apart from the package, for
 * models with the same number of residual blocks at each level.
 */
const parts: readonly (readonly [RegExp, string])[] = [
  [/(resnets\.\d+\.)norm1\./, '$1in_layers.0.'],
  [/(resnets\.\d+\.)conv1\./, '$1in_layers.2.'],
  [/(resnets\.\d+\.)time_emb_proj\./, '$1emb_layers.1.'],
  [/(resnets\.\d+\.)norm2\./, '$1out_layers.0.'],
  [/(resnets\.\d+\.)conv2\./, '$1out_layers.3.'],
  [/(resnets\.\d+\.)conv_shortcut\./, '$1skip_connection.'],
];

const whole: Readonly<Record<string, string>> = {
  conv_in: 'input_blocks.0.0',
  conv_out: 'out.2',
  conv_norm_out: 'out.0',
  'time_embedding.linear_1': 'time_embed.0',
  'time_embedding.linear_2': 'time_embed.2',
  'time_embedding.cond_proj': 'time_embed.cond_proj',
  'add_embedding.linear_1': 'label_emb.0.0',
  'add_embedding.linear_2': 'label_emb.0.2',
};

/** @param upAttention Whether a level on the way up has attention, by its number. */
export function originalUnetName(
  name: string,
  layers: number,
  upAttention: (level: number) => boolean,
): string {
  const leaf = /^(.*)\.(weight|bias)$/.exec(name)!;
  const single = whole[leaf[1]!];
  if (single !== undefined) return `${single}.${leaf[2]}`;
  const inside = parts.reduce((text, [from, to]) => text.replace(from, to), name);
  return inside
    .replace(/^mid_block\.resnets\.0/, 'middle_block.0')
    .replace(/^mid_block\.attentions\.0/, 'middle_block.1')
    .replace(/^mid_block\.resnets\.1/, 'middle_block.2')
    .replace(
      /^down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)/,
      (_, level, kind, index) =>
        `input_blocks.${1 + Number(level) * (layers + 1) + Number(index)}.${kind === 'resnets' ? 0 : 1}`,
    )
    .replace(
      /^down_blocks\.(\d+)\.downsamplers\.0\.conv/,
      (_, level) => `input_blocks.${(Number(level) + 1) * (layers + 1)}.0.op`,
    )
    .replace(
      /^up_blocks\.(\d+)\.(resnets|attentions)\.(\d+)/,
      (_, level, kind, index) =>
        `output_blocks.${Number(level) * (layers + 1) + Number(index)}.${kind === 'resnets' ? 0 : 1}`,
    )
    .replace(
      /^up_blocks\.(\d+)\.upsamplers\.0\.conv/,
      (_, level) =>
        `output_blocks.${Number(level) * (layers + 1) + layers}.${upAttention(Number(level)) ? 2 : 1}.conv`,
    );
}

const attention: Readonly<Record<string, string>> = {
  group_norm: 'norm',
  to_q: 'q',
  query: 'q',
  to_k: 'k',
  key: 'k',
  to_v: 'v',
  value: 'v',
  'to_out.0': 'proj_out',
  proj_attn: 'proj_out',
};

export const originalVaeName = (name: string, levels: number): string =>
  name
    .replace(/mid_block\.resnets\.(\d)/, (_, index) => `mid.block_${Number(index) + 1}`)
    .replace(
      /mid_block\.attentions\.0\.(group_norm|to_q|to_k|to_v|to_out\.0|query|key|value|proj_attn)/,
      (_, part: string) => `mid.attn_1.${attention[part]}`,
    )
    .replace(/down_blocks\.(\d+)\.resnets\.(\d+)/, 'down.$1.block.$2')
    .replace(/down_blocks\.(\d+)\.downsamplers\.0/, 'down.$1.downsample')
    .replace(
      /up_blocks\.(\d+)\.resnets\.(\d+)/,
      (_, level, index) => `up.${levels - 1 - Number(level)}.block.${index}`,
    )
    .replace(/up_blocks\.(\d+)\.upsamplers\.0/, (_, level) => `up.${levels - 1 - Number(level)}.upsample`)
    .replace('conv_shortcut', 'nin_shortcut')
    .replace('conv_norm_out', 'norm_out');

/** open_clip's name of a text encoder's tensor; the projections of a block are fused by the caller. */
export const openClipTextName = (name: string): string =>
  name
    .replace('text_model.embeddings.token_embedding.', 'token_embedding.')
    .replace('text_model.embeddings.position_embedding.weight', 'positional_embedding')
    .replace('text_model.encoder.layers.', 'transformer.resblocks.')
    .replace('text_model.final_layer_norm.', 'ln_final.')
    .replace('.layer_norm1.', '.ln_1.')
    .replace('.layer_norm2.', '.ln_2.')
    .replace('.self_attn.', '.attn.')
    .replace('.mlp.fc1.', '.mlp.c_fc.')
    .replace('.mlp.fc2.', '.mlp.c_proj.');
