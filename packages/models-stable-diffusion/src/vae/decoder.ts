import type { Tensor4D, Weights } from '@draft/core';
import { createConvolution } from '../blocks/convolution.js';
import { createGroupNormalisation } from '../blocks/group-normalisation.js';
import { createResnetBlock } from '../blocks/resnet-block.js';
import { createUpsample } from '../blocks/upsample.js';
import type { VaeConfig } from './vae-config.js';
import { createVaeMidBlock } from './vae-mid-block.js';
import { vaeEpsilon } from './vae-norm.js';

/** The decoder: latents `[n, h, w, latentChannels] -> [n, H, W, imageChannels]`. */
export function createDecoder(config: VaeConfig, weights: Weights): (latents: Tensor4D) => Tensor4D {
  const { imageChannels, latentChannels, normGroups: groups } = config;
  const channels = [...config.blockOutChannels].reverse();
  const last = channels.length - 1;
  const stages: ((x: Tensor4D) => Tensor4D)[] = [
    createConvolution(weights, 'decoder.conv_in', { inChannels: latentChannels, outChannels: channels[0]! }),
    createVaeMidBlock(config, weights, 'decoder.mid_block'),
  ];
  channels.forEach((outChannels, level) => {
    const name = `decoder.up_blocks.${level}`;
    for (let index = 0; index <= config.layersPerBlock; index++) {
      const inChannels = index === 0 ? channels[Math.max(level - 1, 0)]! : outChannels;
      const options = { inChannels, outChannels, groups, epsilon: vaeEpsilon };
      stages.push(createResnetBlock(weights, `${name}.resnets.${index}`, options));
    }
    if (level < last) stages.push(createUpsample(weights, `${name}.upsamplers.0`, outChannels));
  });
  stages.push(
    createGroupNormalisation(weights, 'decoder.conv_norm_out', channels[last]!, {
      groups,
      epsilon: vaeEpsilon,
      activation: 'silu',
    }),
    createConvolution(weights, 'decoder.conv_out', {
      inChannels: channels[last]!,
      outChannels: imageChannels,
      last: true,
    }),
  );
  return (latents) => stages.reduce((x, stage) => stage(x), latents);
}
