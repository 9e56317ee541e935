import type { Tensor4D, Weights } from '@draft/core';
import { createConvolution } from '../blocks/convolution.js';
import { createDownsample } from '../blocks/downsample.js';
import { createGroupNormalisation } from '../blocks/group-normalisation.js';
import { createResnetBlock } from '../blocks/resnet-block.js';
import type { VaeConfig } from './vae-config.js';
import { createVaeMidBlock } from './vae-mid-block.js';
import { vaeEpsilon } from './vae-norm.js';

/** The encoder: images `[n, H, W, imageChannels] -> [n, h, w, 2 · latentChannels]`. */
export function createEncoder(config: VaeConfig, weights: Weights): (images: Tensor4D) => Tensor4D {
  const { blockOutChannels: channels, imageChannels, latentChannels, normGroups: groups } = config;
  const last = channels.length - 1;
  const stages: ((x: Tensor4D) => Tensor4D)[] = [
    createConvolution(weights, 'encoder.conv_in', { inChannels: imageChannels, outChannels: channels[0]! }),
  ];
  channels.forEach((outChannels, level) => {
    const name = `encoder.down_blocks.${level}`;
    for (let index = 0; index < config.layersPerBlock; index++) {
      const inChannels = index === 0 ? channels[Math.max(level - 1, 0)]! : outChannels;
      const options = { inChannels, outChannels, groups, epsilon: vaeEpsilon };
      stages.push(createResnetBlock(weights, `${name}.resnets.${index}`, options));
    }
    if (level < last) stages.push(createDownsample(weights, `${name}.downsamplers.0`, outChannels, 0));
  });
  stages.push(
    createVaeMidBlock(config, weights, 'encoder.mid_block'),
    createGroupNormalisation(weights, 'encoder.conv_norm_out', channels[last]!, {
      groups,
      epsilon: vaeEpsilon,
      activation: 'silu',
    }),
    createConvolution(weights, 'encoder.conv_out', {
      inChannels: channels[last]!,
      outChannels: 2 * latentChannels,
    }),
  );
  return (images) => stages.reduce((x, stage) => stage(x), images);
}
