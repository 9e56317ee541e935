import type { Tensor4D, Weights } from '@draft/core';
import { createResnetBlock } from '../blocks/resnet-block.js';
import { createAttentionBlock } from './attention-block.js';
import type { VaeConfig } from './vae-config.js';
import { vaeEpsilon } from './vae-norm.js';

/** Two residual blocks at the size of the latents, with self-attention between them. */
export function createVaeMidBlock(
  { blockOutChannels, normGroups, midAttention }: VaeConfig,
  weights: Weights,
  name: string,
): (x: Tensor4D) => Tensor4D {
  const channels = blockOutChannels.at(-1)!;
  const createResnet = (index: number) =>
    createResnetBlock(weights, `${name}.resnets.${index}`, {
      inChannels: channels,
      outChannels: channels,
      groups: normGroups,
      epsilon: vaeEpsilon,
    });
  const first = createResnet(0);
  const attend = midAttention
    ? createAttentionBlock(weights, `${name}.attentions.0`, channels, normGroups)
    : null;
  const second = createResnet(1);
  return (x) => second(attend ? attend(first(x)) : first(x));
}
