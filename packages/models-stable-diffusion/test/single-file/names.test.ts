import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { NameTable } from '../../src/single-file/name-table.js';
import { publishedArchitectures } from '../../src/single-file/published-architectures.js';
import { unetNames } from '../../src/single-file/unet-names.js';
import { vaeNames } from '../../src/single-file/vae-names.js';
import { createUnet } from '../../src/unet/unet.js';
import { createVae } from '../../src/vae/vae.js';
import { createRecordingWeights } from '../recording-weights.js';
import { fixturePath } from '../support/checkpoint-folder.js';

const readNames = (name: string, prefix: string): readonly (readonly [string, string])[] =>
  gunzipSync(readFileSync(fixturePath(`keys/${name}.tsv.gz`)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [original, diffusers] = line.split('\t') as [string, string];
      expect(original.startsWith(prefix)).toBe(true);
      return [original.slice(prefix.length), diffusers];
    });

function requireMap(pairs: readonly (readonly [string, string])[], names: NameTable) {
  for (const [original, diffusers] of pairs) {
    expect(names.toDiffusers(original), original).toBe(diffusers);
    expect(names.toOriginal(diffusers), diffusers).toBe(original);
  }
}

describe('the complete lists of names of published single files', () => {
  it.each([
    ['sd_v1', 'sd15-unet-names', 686],
    ['sdxl_base_v1-0', 'sdxl-unet-names', 1680],
  ] as const)(
    'are translated both ways, and are what the networks of %s take',
    (architecture, list, count) => {
      const { unet } = publishedArchitectures[architecture]();
      const pairs = readNames(list, 'model.diffusion_model.');
      expect(pairs).toHaveLength(count);
      requireMap(pairs, unetNames(unet));
      const weights = createRecordingWeights();
      createUnet(unet, weights);
      expect([...weights.requested.keys()].sort()).toEqual(pairs.map(([, name]) => name).sort());
    },
  );

  it('are translated both ways for the autoencoder', () => {
    const { vae } = publishedArchitectures.sd_v1();
    const pairs = readNames('vae-names', 'first_stage_model.');
    expect(pairs).toHaveLength(248);
    requireMap(pairs, vaeNames(vae));
    const weights = createRecordingWeights();
    createVae(vae, weights);
    expect([...weights.requested.keys()].sort()).toEqual(pairs.map(([, name]) => name).sort());
  });

  it('have no place for other names', () => {
    const { unet, vae } = publishedArchitectures.sd_v1();
    for (const name of [
      'input_blocks.12.0.in_layers.0.weight',
      'weight',
      '',
      'label_emb.1.0.weight',
      'out.1',
    ]) {
      expect(unetNames(unet).toDiffusers(name), name).toBe(null);
    }
    expect(vaeNames(vae).toDiffusers('loss.logvar')).toBe(null);
    expect(vaeNames(vae).toOriginal('encoder.down_blocks.7.resnets.0.conv1.weight')).toBe(null);
  });
});
