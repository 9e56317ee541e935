import type { VaeConfig } from '../vae/vae-config.js';
import { createNameTable, type NamePair, type NameTable } from './name-table.js';

const ends: readonly NamePair[] = [
  ['quant_conv.', 'quant_conv.'],
  ['post_quant_conv.', 'post_quant_conv.'],
  ...(['encoder', 'decoder'] as const).flatMap((side): readonly NamePair[] => [
    [`${side}.conv_in.`, `${side}.conv_in.`],
    [`${side}.mid.block_1.`, `${side}.mid_block.resnets.0.`],
    [`${side}.mid.block_2.`, `${side}.mid_block.resnets.1.`],
    [`${side}.mid.attn_1.norm.`, `${side}.mid_block.attentions.0.group_norm.`],
    [`${side}.mid.attn_1.q.`, `${side}.mid_block.attentions.0.to_q.`],
    [`${side}.mid.attn_1.k.`, `${side}.mid_block.attentions.0.to_k.`],
    [`${side}.mid.attn_1.v.`, `${side}.mid_block.attentions.0.to_v.`],
    [`${side}.mid.attn_1.proj_out.`, `${side}.mid_block.attentions.0.to_out.0.`],
    [`${side}.norm_out.`, `${side}.conv_norm_out.`],
    [`${side}.conv_out.`, `${side}.conv_out.`],
  ]),
];

const resnet: readonly NamePair[] = [['nin_shortcut.', 'conv_shortcut.']];

/**
 * The names of an autoencoder's weights in the original code, without `first_stage_model.`: the decoder's levels are
 * counted from the image, not in the order of execution.
 */
export function vaeNames({
  blockOutChannels,
  layersPerBlock,
}: Pick<VaeConfig, 'blockOutChannels' | 'layersPerBlock'>): NameTable {
  const blocks = [...ends];
  const last = blockOutChannels.length - 1;
  for (let level = 0; level <= last; level += 1) {
    const up = last - level;
    for (let index = 0; index < layersPerBlock; index += 1) {
      blocks.push([
        `encoder.down.${level}.block.${index}.`,
        `encoder.down_blocks.${level}.resnets.${index}.`,
      ]);
    }
    for (let index = 0; index <= layersPerBlock; index += 1) {
      blocks.push([`decoder.up.${level}.block.${index}.`, `decoder.up_blocks.${up}.resnets.${index}.`]);
    }
    if (level < last) {
      blocks.push([`encoder.down.${level}.downsample.`, `encoder.down_blocks.${level}.downsamplers.0.`]);
    }
    if (up < last) blocks.push([`decoder.up.${level}.upsample.`, `decoder.up_blocks.${up}.upsamplers.0.`]);
  }
  return createNameTable(blocks, resnet);
}
