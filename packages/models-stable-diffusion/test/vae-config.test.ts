import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVaeConfig } from '../src/vae/vae-config.js';

describe('parseVaeConfig', () => {
  it('has the defaults of diffusers for everything that is absent', () => {
    expect(parseVaeConfig({})).toEqual({
      imageChannels: 3,
      latentChannels: 4,
      blockOutChannels: [64],
      layersPerBlock: 1,
      normGroups: 32,
      quantConv: true,
      postQuantConv: true,
      midAttention: true,
      scalingFactor: 0.18215,
    });
  });

  it.each([
    ['DRAFT_CONFIG_UNSUPPORTED', '_class_name', 'VQModel'],
    ['DRAFT_CONFIG_UNSUPPORTED', 'act_fn', 'mish'],
    ['DRAFT_CONFIG_UNSUPPORTED', 'shift_factor', 0.1159],
    ['DRAFT_CONFIG_UNSUPPORTED', 'latents_mean', [0, 0, 0, 0]],
    ['DRAFT_CONFIG_UNSUPPORTED', 'down_block_types', ['AttnDownEncoderBlock2D']],
    ['DRAFT_CONFIG_INVALID', 'up_block_types', ['UpDecoderBlock2D', 'UpDecoderBlock2D']],
    ['DRAFT_CONFIG_INVALID', 'norm_num_groups', 24],
    ['DRAFT_CONFIG_INVALID', 'out_channels', 4],
    ['DRAFT_CONFIG_INVALID', 'scaling_factor', -1],
    ['DRAFT_CONFIG_INVALID', 'use_quant_conv', 1],
  ])('refuses with %s %s %j, naming both', (code, field, value) => {
    expect(() => parseVaeConfig({ [field]: value })).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringContaining(`"${field}": ${JSON.stringify(value)}, but `),
      }),
    );
  });

  it('answers any JSON value with a configuration or with one of its two errors', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          expect(parseVaeConfig(value).scalingFactor).toBeGreaterThan(0);
        } catch (error) {
          expect(['DRAFT_CONFIG_INVALID', 'DRAFT_CONFIG_UNSUPPORTED']).toContain(
            (error as { code?: string }).code,
          );
        }
      }),
    );
  });
});
