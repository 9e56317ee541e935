import { readFileSync } from 'node:fs';
import { createRuntime, openNetwork, type Runtime } from '@draft/core';
import { createDetector, parseDetectorConfig } from '@draft/reward-owlvit';
import { beforeAll, describe, expect, it } from 'vitest';
import { detectorLayout } from '../src/network/detector-layout.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
});

const published = (file: string) => {
  const lines = readFileSync(new URL(`fixtures/published/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const entries = new Map(
    lines.map((line) => {
      const [key, text] = line.split('\t') as [string, string];
      const shape = text === 'scalar' ? [] : text.split('x').map(Number);
      const byteLength = 4 * shape.reduce((a, b) => a * b, 1);
      return [key, { dtype: 'F32' as const, shape, byteLength }];
    }),
  );
  return { path: file, entries, read: () => new Uint8Array(), close: () => {} };
};

const large = {
  model_type: 'owlvit',
  projection_dim: 768,
  text_config: {
    model_type: 'owlvit_text_model',
    hidden_size: 768,
    intermediate_size: 3072,
    num_attention_heads: 16,
    eos_token_id: 49407,
  },
  vision_config: {
    model_type: 'owlvit_vision_model',
    hidden_size: 1024,
    intermediate_size: 4096,
    num_attention_heads: 16,
    num_hidden_layers: 24,
    image_size: 840,
    patch_size: 14,
  },
};

describe('the published OWL-ViTs', () => {
  const open = (file: string, config: unknown) => {
    const architecture = parseDetectorConfig(config);
    return openNetwork(
      detectorLayout(published(file)),
      {
        name: 'OWL-ViT',
        spare: (name) => name === 'visual_projection.weight',
        build: (weights) => createDetector(architecture, weights),
      },
      runtime,
    );
  };
  // The projection of whole images and the scale of CLIP's own training are in the files and take no part.
  it.each([
    ['owlvit_base_patch32.tsv', {}, 512 * 768 + 1],
    ['owlvit_base_patch16.tsv', { vision_config: { patch_size: 16 } }, 512 * 768 + 1],
    ['owlvit_large_patch14.tsv', large, 768 * 1024 + 1],
  ])('%s: every key is taken, at its shape', (file, config, spare) => {
    const stored = [...published(file).entries.values()];
    const numbers = stored.reduce((total, { byteLength }) => total + byteLength / 4, 0);
    const network = open(file, config);
    expect(network.parameters).toBe(numbers - spare);
    network.dispose();
  });

  it('list what does not fit by the names of the file', () => {
    const other = () => open('owlvit_base_patch16.tsv', {});
    expect(other).toThrow('owlvit.vision_model.embeddings.patch_embedding.weight is [768, 3, 16, 16]');
    expect(() => open('owlvit_base_patch32.tsv', { vision_config: { num_hidden_layers: 13 } })).toThrow(
      /weights are missing \(owlvit\.vision_model\.encoder\.layers\.12\./,
    );
  });

  it.each([
    [{ model_type: 'owlv2' }, /only "owlvit" can be run/],
    [{ text_config: { model_type: 'clip_text_model' } }, /only the towers of OWL-ViT/],
    [{ projection_dim: 768 }, /"projection_dim": 768.*width 512/],
    [{ text_config: [] }, /no JSON object/],
    [{ vision_config: { hidden_act: 'silu' } }, /"hidden_act": "silu"/],
  ])('a configuration that cannot be run is refused in one sentence (%#)', (config, message) => {
    expect(() => parseDetectorConfig(config)).toThrow(message);
  });
});
