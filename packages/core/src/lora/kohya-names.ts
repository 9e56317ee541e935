import type { LoraComponent, LoraModule } from './lora-module.js';
import { diffusersToSgm, sgmToDiffusers } from './sgm-blocks.js';

/** Parts of layer names that have an underscore of their own; kohya's files have underscores for dots, too. */
const compounds = [
  ...['down_blocks', 'up_blocks', 'mid_block', 'transformer_blocks', 'time_emb_proj', 'time_embedding'],
  ...['add_embedding', 'linear_1', 'linear_2', 'conv_shortcut', 'conv_in', 'conv_out', 'proj_in', 'proj_out'],
  ...['to_q', 'to_k', 'to_v', 'to_out', 'input_blocks', 'middle_block', 'output_blocks', 'time_embed'],
  ...['label_emb', 'in_layers', 'out_layers', 'emb_layers', 'skip_connection'],
  ...['text_model', 'self_attn', 'q_proj', 'k_proj', 'v_proj', 'out_proj', 'text_projection'],
];
const word = new RegExp(`(?:${compounds.join('|')}|[a-z]+\\d?|\\d+)(?=_|$)`, 'y');

/** `mid_block_attentions_0_proj_in` as `mid_block.attentions.0.proj_in`; null where it is no such name. */
const withDots = (flat: string): string | null => {
  const words: string[] = [];
  for (let at = 0; at < flat.length; at += 1) {
    word.lastIndex = at;
    const found = word.exec(flat)?.[0];
    if (found === undefined) return null;
    words.push(found);
    at += found.length;
  }
  return words.join('.');
};

const block = '(?:(?:down|up)_blocks\\.\\d+|mid_block)';
const unetLayer = new RegExp(
  `^(?:${[
    `${block}\\.attentions\\.\\d+\\.(?:proj_in|proj_out|transformer_blocks\\.\\d+\\.(?:attn[12]\\.to_(?:q|k|v|out\\.0)|ff\\.net\\.(?:0\\.proj|2)))`,
    `${block}\\.resnets\\.\\d+\\.(?:conv1|conv2|conv_shortcut|time_emb_proj)`,
    'down_blocks\\.\\d+\\.downsamplers\\.0\\.conv',
    'up_blocks\\.\\d+\\.upsamplers\\.0\\.conv',
    'conv_in|conv_out|(?:time|add)_embedding\\.linear_[12]',
  ].join('|')})$`,
);
const textLayer =
  /^(?:text_model\.encoder\.layers\.\d+\.(?:self_attn\.(?:q|k|v|out)_proj|mlp\.fc[12])|text_projection)$/;

const sgmName = /^(?:input_blocks|middle_block|output_blocks|time_embed|label_emb|out)\./;

/** A dotted UNet layer in diffusers' names, whichever it came with. */
export const diffusersLayer = (name: string): string | null =>
  sgmName.test(name) ? sgmToDiffusers(name) : name;

/**
 * The layer that a name with underscores for dots means; null where Stable Diffusion has no such layer.
 * @param flat What follows `lora_unet_`, `lora_te_`, `lora_te1_` or `lora_te2_`.
 */
export const layerFromKohya = (component: LoraComponent, flat: string): string | null => {
  const dotted = withDots(flat);
  if (dotted === null) return null;
  if (component !== 'unet') return textLayer.test(dotted) ? dotted : null;
  const layer = diffusersLayer(dotted);
  return layer !== null && unetLayer.test(layer) ? layer : null;
};

const prefixes = { unet: 'lora_unet', text_encoder: 'lora_te1', text_encoder_2: 'lora_te2' } as const;

/**
 * What kohya's scripts, A1111 and ComfyUI call a layer: `lora_unet_down_blocks_0_…`, and for SDXL
 * `lora_unet_input_blocks_4_1_…`.
 * @returns null for a layer that cannot be named so.
 */
export const kohyaName = (
  { component, layer }: Pick<LoraModule, 'component' | 'layer'>,
  sdxl: boolean,
): string | null => {
  const prefix = sdxl || component !== 'text_encoder' ? prefixes[component] : 'lora_te';
  const name = sdxl && component === 'unet' ? diffusersToSgm(layer) : layer;
  if (name === null) return null;
  const flat = name.replaceAll('.', '_');
  // Only what is read back as the same layer.
  return layerFromKohya(component, flat) === layer ? `${prefix}_${flat}` : null;
};
