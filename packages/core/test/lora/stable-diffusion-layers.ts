import type { AdaptableLayer } from '@draft/core';

const transformers = [
  ...[0, 1, 2].flatMap((level) => [0, 1].map((index) => `down_blocks.${level}.attentions.${index}`)),
  'mid_block.attentions.0',
  ...[1, 2, 3].flatMap((level) => [0, 1, 2].map((index) => `up_blocks.${level}.attentions.${index}`)),
];

const linear = (
  name: string,
  inFeatures: number,
  outFeatures: number,
  convolution = false,
): AdaptableLayer => ({
  name,
  inFeatures,
  outFeatures,
  convolution,
});

/** The layers of Stable Diffusion 1.x that a LoRA may adapt, `channels` wide on every level. */
export const stableDiffusionLayers = (channels = 8, context = 6): AdaptableLayer[] =>
  transformers.flatMap((name) => {
    const block = `${name}.transformer_blocks.0`;
    const attention = (part: string, width: number) => [
      linear(`${block}.${part}.to_q`, channels, channels),
      linear(`${block}.${part}.to_k`, width, channels),
      linear(`${block}.${part}.to_v`, width, channels),
      linear(`${block}.${part}.to_out.0`, channels, channels),
    ];
    return [
      linear(`${name}.proj_in`, channels, channels, true),
      ...attention('attn1', channels),
      ...attention('attn2', context),
      linear(`${block}.ff.net.0.proj`, channels, 8 * channels),
      linear(`${block}.ff.net.2`, 4 * channels, channels),
      linear(`${name}.proj_out`, channels, channels, true),
    ];
  });
