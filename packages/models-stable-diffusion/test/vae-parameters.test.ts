import { describe, expect, it } from 'vitest';
import { createVae } from '../src/vae/vae.js';
import { parseVaeConfig } from '../src/vae/vae-config.js';
import { createRecordingWeights } from './recording-weights.js';
import { storedShapes } from './stored-shapes.js';

const published = {
  _class_name: 'AutoencoderKL',
  block_out_channels: [128, 256, 512, 512],
  down_block_types: new Array<string>(4).fill('DownEncoderBlock2D'),
  layers_per_block: 2,
  up_block_types: new Array<string>(4).fill('UpDecoderBlock2D'),
};

/** The attention layers' linear maps are stored in two dimensions, unlike the 1×1 convolutions. */
describe('createVae', () => {
  it.each(['vae', 'vae-old-names'])('takes every parameter in %s, in its shape, and no other', (list) => {
    const expected = storedShapes(list);
    const weights = createRecordingWeights((name) => expected.has(name));
    const vae = createVae(parseVaeConfig(published), weights);
    expect([...weights.requested].sort()).toEqual([...expected].sort());
    expect(weights.requested.size).toBe(248);
    expect(vae.factor).toBe(8);
  });

  it('asks for the new names where nothing exists yet', () => {
    const weights = createRecordingWeights(() => false);
    createVae(parseVaeConfig(published), weights);
    expect([...weights.requested.keys()].sort()).toEqual([...storedShapes('vae').keys()].sort());
  });

  it('leaves out what the configuration switches off', () => {
    const weights = createRecordingWeights();
    createVae(
      parseVaeConfig({
        ...published,
        use_quant_conv: false,
        use_post_quant_conv: false,
        mid_block_add_attention: false,
      }),
      weights,
    );
    const names = [...weights.requested.keys()];
    expect(names.some((name) => name.includes('quant_conv') || name.includes('attentions'))).toBe(false);
    expect(names).toContain('encoder.mid_block.resnets.1.conv2.weight');
  });
});
