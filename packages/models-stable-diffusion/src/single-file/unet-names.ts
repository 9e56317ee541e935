import type { UnetConfig } from '../unet/unet-config.js';
import { createNameTable, type NamePair, type NameTable } from './name-table.js';

const ends: readonly NamePair[] = [
  ['input_blocks.0.0.', 'conv_in.'],
  ['time_embed.0.', 'time_embedding.linear_1.'],
  ['time_embed.2.', 'time_embedding.linear_2.'],
  ['time_embed.cond_proj.', 'time_embedding.cond_proj.'],
  ['label_emb.0.0.', 'add_embedding.linear_1.'],
  ['label_emb.0.2.', 'add_embedding.linear_2.'],
  ['middle_block.0.', 'mid_block.resnets.0.'],
  ['middle_block.1.', 'mid_block.attentions.0.'],
  ['middle_block.2.', 'mid_block.resnets.1.'],
  ['out.0.', 'conv_norm_out.'],
  ['out.2.', 'conv_out.'],
];

/** Within a residual block; transformers have the same names in both. */
const resnet: readonly NamePair[] = [
  ['in_layers.0.', 'norm1.'],
  ['in_layers.2.', 'conv1.'],
  ['emb_layers.1.', 'time_emb_proj.'],
  ['out_layers.0.', 'norm2.'],
  ['out_layers.3.', 'conv2.'],
  ['skip_connection.', 'conv_shortcut.'],
];

/**
 * The names of a UNet's weights in the original code, without `model.diffusion_model.`: blocks are counted through,
 * with the convolution that halves an image as one of its own and the one that doubles it at the end of a block.
 */
export function unetNames({
  layersPerBlock,
  downAttention,
  upAttention,
  blockOutChannels,
}: Pick<UnetConfig, 'layersPerBlock' | 'downAttention' | 'upAttention' | 'blockOutChannels'>): NameTable {
  const blocks = [...ends];
  const last = blockOutChannels.length - 1;
  let place = 1;
  for (let level = 0; level <= last; level += 1) {
    for (let layer = 0; layer < layersPerBlock[level]!; layer += 1) {
      blocks.push([`input_blocks.${place}.0.`, `down_blocks.${level}.resnets.${layer}.`]);
      if (downAttention[level]) {
        blocks.push([`input_blocks.${place}.1.`, `down_blocks.${level}.attentions.${layer}.`]);
      }
      place += 1;
    }
    if (level < last) {
      blocks.push([`input_blocks.${place}.0.op.`, `down_blocks.${level}.downsamplers.0.conv.`]);
      place += 1;
    }
  }
  place = 0;
  for (let index = 0; index <= last; index += 1) {
    const layers = layersPerBlock[last - index]! + 1;
    for (let layer = 0; layer < layers; layer += 1) {
      blocks.push([`output_blocks.${place}.0.`, `up_blocks.${index}.resnets.${layer}.`]);
      if (upAttention[index]) {
        blocks.push([`output_blocks.${place}.1.`, `up_blocks.${index}.attentions.${layer}.`]);
      }
      if (layer === layers - 1 && index < last) {
        const part = upAttention[index] ? 2 : 1;
        blocks.push([`output_blocks.${place}.${part}.conv.`, `up_blocks.${index}.upsamplers.0.conv.`]);
      }
      place += 1;
    }
  }
  return createNameTable(blocks, resnet);
}
