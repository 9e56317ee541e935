import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUnetConfig } from '../src/unet/unet-config.js';

describe('parseUnetConfig', () => {
  it('has the defaults of diffusers for everything that is absent', () => {
    expect(parseUnetConfig({})).toEqual({
      sampleSize: null,
      inChannels: 4,
      outChannels: 4,
      flipSinToCos: true,
      freqShift: 0,
      blockOutChannels: [320, 640, 1280, 1280],
      downAttention: [true, true, true, false],
      upAttention: [false, true, true, true],
      mid: 'cross-attention',
      layersPerBlock: [2, 2, 2, 2],
      downsamplePadding: 1,
      normGroups: 32,
      normEpsilon: 1e-5,
      crossAttentionWidth: [1280, 1280, 1280, 1280],
      transformerLayers: [1, 1, 1, 1],
      upTransformerLayers: [1, 1, 1, 1],
      heads: [8, 8, 8, 8],
      linearProjection: false,
      timeEmbeddingWidth: 1280,
      addedEmbedding: null,
      guidanceWidth: null,
      convInKernel: 3,
      convOutKernel: 3,
    });
  });

  it('reads lists per level, and the transformer layers of the way up backwards', () => {
    const config = parseUnetConfig({
      attention_head_dim: [5, 10, 20, 20],
      layers_per_block: [1, 2, 3, 4],
      sample_size: [64, 96],
      transformer_layers_per_block: [1, 2, 3, 4],
    });
    expect(config).toMatchObject({
      heads: [5, 10, 20, 20],
      layersPerBlock: [1, 2, 3, 4],
      sampleSize: [64, 96],
      transformerLayers: [1, 2, 3, 4],
      upTransformerLayers: [4, 3, 2, 1],
    });
  });

  it.each([
    ['_class_name', 'UNet3DConditionModel'],
    ['class_embed_type', 'timestep'],
    ['num_class_embeds', 1000],
    ['addition_embed_type', 'image'],
    ['encoder_hid_dim_type', 'text_proj'],
    ['only_cross_attention', true],
    ['only_cross_attention', [true, true, true, false]],
    ['dual_cross_attention', true],
    ['resnet_time_scale_shift', 'scale_shift'],
    ['attention_type', 'gated'],
    ['time_embedding_type', 'fourier'],
    ['cross_attention_norm', 'group_norm'],
    ['act_fn', 'gelu'],
    ['center_input_sample', true],
    ['mid_block_type', 'UNetMidBlock2DSimpleCrossAttn'],
    ['down_block_types', ['ResnetDownsampleBlock2D', 'DownBlock2D', 'DownBlock2D', 'DownBlock2D']],
    ['num_attention_heads', 8],
    ['downsample_padding', 2],
  ])('refuses %s %j as unsupported, in a sentence that names both', (field, value) => {
    expect(() => parseUnetConfig({ [field]: value })).toThrow(
      expect.objectContaining({
        code: 'DRAFT_CONFIG_UNSUPPORTED',
        message: expect.stringContaining(`"${field}": ${JSON.stringify(value)}, but only `),
      }),
    );
  });

  it.each([
    ['in_channels', 0],
    ['in_channels', 'four'],
    ['block_out_channels', []],
    ['block_out_channels', [320, -640]],
    ['norm_eps', 0],
    ['norm_num_groups', 48],
    ['attention_head_dim', 7],
    ['attention_head_dim', [8, 8]],
    ['up_block_types', ['UpBlock2D']],
    ['conv_in_kernel', 4],
    ['flip_sin_to_cos', 'yes'],
    ['freq_shift', 160],
    ['time_cond_proj_dim', 3],
    ['transformer_layers_per_block', [[1], [1], [1], [1]]],
    ['sample_size', [64, 64, 64]],
    ['cross_attention_dim', 1.5],
  ])('refuses %s %j as invalid, in a sentence that names both', (field, value) => {
    expect(() => parseUnetConfig({ [field]: value })).toThrow(
      expect.objectContaining({
        code: 'DRAFT_CONFIG_INVALID',
        message: expect.stringContaining(`"${field}": ${JSON.stringify(value)}, but `),
      }),
    );
  });

  it('reads the added embedding of SDXL, and refuses one that cannot be', () => {
    const added = {
      addition_embed_type: 'text_time',
      addition_time_embed_dim: 256,
      projection_class_embeddings_input_dim: 2816,
    };
    expect(parseUnetConfig(added).addedEmbedding).toEqual({ pooledWidth: 1280, sizeWidth: 256 });
    expect(parseUnetConfig({ time_cond_proj_dim: 256 }).guidanceWidth).toBe(256);
    for (const wrong of [
      { addition_time_embed_dim: undefined },
      { addition_time_embed_dim: 255 },
      { projection_class_embeddings_input_dim: 1536 },
    ]) {
      expect(() => parseUnetConfig({ ...added, ...wrong })).toThrow(/The unet's config\.json has /);
    }
  });

  it('allows heads that do not divide a level without attention', () => {
    const config = parseUnetConfig({
      attention_head_dim: 8,
      block_out_channels: [4, 8],
      down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
      norm_num_groups: 2,
      up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
    });
    expect(config.heads).toEqual([8, 8]);
  });

  it('answers any JSON value with a configuration or with one of its two errors', () => {
    const fields = fc.constantFrom(
      ...['sample_size', 'block_out_channels', 'layers_per_block', 'attention_head_dim', 'mid_block_type'],
      ...['norm_num_groups', 'down_block_types', 'only_cross_attention', 'conv_out_kernel', 'freq_shift'],
    );
    const json = fc.oneof(fc.jsonValue(), fc.dictionary(fields, fc.jsonValue()));
    fc.assert(
      fc.property(json, (value) => {
        try {
          expect(parseUnetConfig(value).blockOutChannels.length).toBeGreaterThan(0);
        } catch (error) {
          expect(['DRAFT_CONFIG_INVALID', 'DRAFT_CONFIG_UNSUPPORTED']).toContain(
            (error as { code?: string }).code,
          );
        }
      }),
    );
  });
});
