import { selectLoraLayers, tf } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { publishedArchitectures } from '../src/single-file/published-architectures.js';
import { createUnet } from '../src/unet/unet.js';
import { parseUnetConfig } from '../src/unet/unet-config.js';
import { createRecordingWeights } from './recording-weights.js';
import { storedShapes } from './stored-shapes.js';

const published15 = {
  _class_name: 'UNet2DConditionModel',
  _diffusers_version: '0.6.0',
  act_fn: 'silu',
  attention_head_dim: 8,
  block_out_channels: [320, 640, 1280, 1280],
  center_input_sample: false,
  cross_attention_dim: 768,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 4,
  layers_per_block: 2,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
  norm_num_groups: 32,
  out_channels: 4,
  sample_size: 64,
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
};

describe('createUnet', () => {
  it('takes every parameter of Stable Diffusion 1.5, in its shape, and no other', () => {
    const weights = createRecordingWeights();
    createUnet(parseUnetConfig(published15), weights);
    expect([...weights.requested].sort()).toEqual([...storedShapes('sd15-unet')].sort());
    expect(weights.requested.size).toBe(686);
  });

  it('offers the 192 layers of Stable Diffusion 1.5 to a LoRA, 128 of them in attention', () => {
    const { layers } = createUnet(parseUnetConfig(published15), createRecordingWeights());
    expect(layers.length).toBe(192);
    expect(new Set(layers.map(({ name }) => name)).size).toBe(192);
    expect(selectLoraLayers(layers, ['attention']).length).toBe(128);
    expect(layers.filter(({ convolution }) => convolution).map(({ name }) => name.split('.').at(-1))).toEqual(
      Array.from({ length: 16 }, () => ['proj_in', 'proj_out']).flat(),
    );
    expect(layers.some(({ name }) => name.includes('conv_shortcut'))).toBe(false);
  });

  it('describes a layer by the width of what goes in and comes out', () => {
    const { layers } = createUnet(parseUnetConfig(published15), createRecordingWeights());
    const block = 'down_blocks.1.attentions.0.transformer_blocks.0';
    const find = (part: string) => layers.find(({ name }) => name === `${block}.${part}`);
    expect(find('attn2.to_k')).toMatchObject({ inFeatures: 768, outFeatures: 640, convolution: false });
    expect(find('ff.net.0.proj')).toMatchObject({ inFeatures: 640, outFeatures: 5120 });
    expect(find('ff.net.2')).toMatchObject({ inFeatures: 2560, outFeatures: 640 });
  });

  it('takes every parameter of SDXL, whose projections are linear and whose depth varies, and no other', () => {
    const weights = createRecordingWeights();
    const { layers } = createUnet(publishedArchitectures['sdxl_base_v1-0']().unet, weights);
    expect([...weights.requested].sort()).toEqual([...storedShapes('sdxl-unet')].sort());
    expect(weights.requested.size).toBe(1680);
    expect(layers.some(({ convolution }) => convolution)).toBe(false);
    // 70 transformer blocks of ten layers, in 11 transformers with two projections each
    expect(layers.length).toBe(722);
    expect(selectLoraLayers(layers, ['attention']).length).toBe(560);
  });

  it('keeps one residual block in the middle where the configuration asks for no attention there', () => {
    const config = { ...published15, mid_block_type: 'UNetMidBlock2D' };
    const weights = createRecordingWeights();
    createUnet(parseUnetConfig(config), weights);
    const middle = [...weights.requested.keys()].filter((name) => name.startsWith('mid_block.'));
    expect(middle.length).toBe(10);
    expect(middle.every((name) => name.startsWith('mid_block.resnets.0.'))).toBe(true);
  });

  it('has no middle where mid_block_type is null', () => {
    const weights = createRecordingWeights();
    createUnet(parseUnetConfig({ ...published15, mid_block_type: null }), weights);
    expect([...weights.requested.keys()].some((name) => name.startsWith('mid_block.'))).toBe(false);
  });

  it('refuses latents whose odd sizes it could not restore without padding', () => {
    const config = parseUnetConfig({ ...published15, downsample_padding: 0 });
    const unet = createUnet(config, createRecordingWeights());
    const predict = () => unet.predict(tf.zeros([1, 60, 64, 4]), tf.scalar(1), tf.zeros([1, 77, 768]));
    expect(predict).toThrow(
      expect.objectContaining({ code: 'DRAFT_LATENT_SIZE', message: expect.stringContaining('60×64') }),
    );
  });
});
