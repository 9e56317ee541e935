import { readFileSync } from 'node:fs';
import { createRuntime, openNetwork, type Runtime } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createResnet, readStructure } from '../src/index.js';
import { parseProcessor, parseTimmInput } from '../src/input/parse-input.js';
import { parseClassifierConfig } from '../src/layout/classifier-config.js';
import { transformersLayout } from '../src/layout/transformers-layout.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
});

const published = (file: string, without: readonly string[] = []) => {
  const lines = readFileSync(new URL(`fixtures/published/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const entries = new Map(
    lines.flatMap((line) => {
      const [key, text] = line.split('\t') as [string, string];
      const shape = text === 'scalar' ? [] : text.split('x').map(Number);
      const byteLength = 4 * shape.reduce((a, b) => a * b, 1);
      return without.includes(key) ? [] : [[key, { dtype: 'F32' as const, shape, byteLength }] as const];
    }),
  );
  const source = { path: file, entries, read: () => new Uint8Array(), close: () => {} };
  return file.startsWith('hf') ? transformersLayout(source) : source;
};

describe('the published ResNet-50', () => {
  const open = (file: string, without: readonly string[] = []) => {
    const source = published(file, without);
    const structure = readStructure(source);
    const build = (weights: Parameters<typeof createResnet>[1]) => createResnet(structure, weights);
    return { structure, network: openNetwork(source, { name: 'classifier', build }, runtime) };
  };

  it.each(['timm_resnet50.tsv', 'hf_resnet50.tsv'])('%s: every key is taken, at its shape', (file) => {
    const { structure, network } = open(file);
    // The trained parameters, and means and variances of the 53 batch norms' 26 560 channels.
    expect(network.parameters).toBe(25_557_032 + 2 * 26_560);
    expect(structure).toEqual({
      stemWidth: 64,
      stages: [
        { blocks: 3, innerWidth: 64, width: 256, stride: 1 },
        { blocks: 4, innerWidth: 128, width: 512, stride: 2 },
        { blocks: 6, innerWidth: 256, width: 1024, stride: 2 },
        { blocks: 3, innerWidth: 512, width: 2048, stride: 2 },
      ],
      block: 'bottleneck',
      strideAt: 2,
      classes: 1000,
    });
    network.dispose();
  });

  it('lists what is missing by the name that its own file has for it', () => {
    expect(() => open('timm_resnet50.tsv', ['layer2.1.bn2.running_var'])).toThrow('layer2.1.bn2.running_var');
    const key = 'resnet.encoder.stages.1.layers.0.shortcut.convolution.weight';
    expect(() => open('hf_resnet50.tsv', [key])).toThrow(`1 weights are missing (${key})`);
    expect(() => open('hf_resnet50.tsv', ['classifier.1.weight'])).toThrow('no classifier.1.weight');
  });
});

describe('preprocessing', () => {
  it('is that of the published configurations', () => {
    const statistics = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
    const microsoft = {
      crop_pct: 0.875,
      do_normalize: true,
      do_resize: true,
      feature_extractor_type: 'ConvNextFeatureExtractor',
      image_mean: statistics.mean,
      image_std: statistics.deviation,
      resample: 3,
      size: 224,
    };
    const expected = { size: 224, kernel: 'bicubic', fit: 'crop', statistics };
    expect(parseProcessor(microsoft)).toEqual({ ...expected, crop: { shortSide: 256, rounding: 'down' } });
    expect(parseProcessor({ ...microsoft, size: { shortest_edge: 224 } })).toEqual(parseProcessor(microsoft));
    const a1 = { input_size: [3, 224, 224], interpolation: 'bicubic', crop_pct: 0.95 };
    expect(parseTimmInput(a1)).toEqual({ ...expected, crop: { shortSide: 235, rounding: 'even' } });
  });

  it('reads the other forms of transformers', () => {
    expect(parseProcessor({ size: { height: 64, width: 64 } })).toMatchObject({ size: 64, fit: 'stretch' });
    expect(parseProcessor({ size: { shortest_edge: 384 } })).toMatchObject({ size: 384, fit: 'stretch' });
    const cropped = { size: { shortest_edge: 72 }, crop_size: { height: 64, width: 64 }, resample: 2 };
    expect(parseProcessor(cropped)).toMatchObject({ size: 64, kernel: 'bilinear', crop: { shortSide: 72 } });
  });

  it.each([
    [() => parseProcessor({ resample: 1 }), /"resample": 1/],
    [() => parseProcessor({ size: { height: 64, width: 32 } }), /only squares/],
    [() => parseProcessor({ size: 'big' }), /whole number/],
    [() => parseProcessor({ size: 64, crop_size: 72 }), /"crop_size": 72/],
    [() => parseProcessor({ crop_pct: 1.2 }), /"crop_pct": 1.2/],
    [() => parseProcessor({ image_std: [1, 1, 0] }), /above 0/],
    [() => parseProcessor({ image_mean: [1, 1] }), /three numbers/],
    [() => parseTimmInput({ input_size: [3, 224, 160] }), /only squares/],
    [() => parseTimmInput({ crop_mode: 'border' }), /"crop_mode": "border"/],
    [() => parseTimmInput({ crop_pct: 0 }), /"crop_pct": 0/],
    [() => parseClassifierConfig({ model_type: 'vit' }), /only "resnet" can be run/],
    [() => parseClassifierConfig({ model_type: 'resnet', hidden_act: 'gelu' }), /"hidden_act": "gelu"/],
    [() => parseClassifierConfig({ model_type: 'resnet', depths: '3' }), /"depths": "3"/],
    [() => parseClassifierConfig({ architecture: 'seresnet50' }), /"seresnet50"/],
  ])('what cannot be read is refused in one sentence (%#)', (parse, message) => {
    expect(parse).toThrow(message);
  });
});
