import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSafetensors } from '@draft/core';
import { expect, it } from 'vitest';
import { manifest, plantTree } from '../../core/test/plugin-tree.js';
import { nothingSaid } from '../src/config/command-layers.js';
import { chooseArchitecture } from '../src/setup/choose-model.js';
import { openPlugins } from '../src/setup/plugin-access.js';

const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

/** A model that someone else has published, for files that end so. */
const modelSource = (id: string, ending: string) => `
import { basename } from 'node:path';
export default {
  specVersion: 1, kind: 'model', name: '${id}', description: 'The ${id}.',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  recognises: async (path) => path.endsWith('${ending}'),
  load: async () => { throw new Error('not here'); },
};
`;

it('asks every installed model, and takes the first that recognises what is there', async () => {
  const root = plantTree({
    'package.json': { name: 'mine', dependencies: { 'draft-model-other': '1.0.0' } },
    'node_modules/draft-model-other/package.json': manifest('draft-model-other', 'model', 'other'),
    'node_modules/draft-model-other/index.js': modelSource('other', '.other.safetensors'),
  });
  const store = (name: string, tensor: string) => {
    writeSafetensors(join(root, name), { [tensor]: { shape: [1], data: Float32Array.of(1) } });
    return join(root, name);
  };
  const alien = 'alien.blocks.0.weight';
  const plugins = await openPlugins(root, nothingSaid, () => {});
  const all = plugins.catalogue.plugins.filter(({ kind }) => kind === 'model');
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(['other', 'stable-diffusion']));
  // In either order: none claims what it could not load.
  for (const order of [all, all.toReversed()]) {
    const access = { ...plugins, catalogue: { ...plugins.catalogue, plugins: order } };
    const choose = async (path: string) => (await chooseArchitecture(path, access)).name;
    expect(await choose(store('x.other.safetensors', alien))).toBe('other');
    expect(await choose(tiny)).toBe('stable-diffusion');
    // Nobody's: what it is, from the one that knows.
    await expect(choose(store('style.safetensors', 'a.lora_down.weight'))).rejects.toThrow(
      /style\.safetensors is a LoRA: give it with --lora/,
    );
    await expect(choose(store('x.safetensors', alien))).rejects.toThrow(
      /x\.safetensors is no checkpoint of Stable Diffusion: it holds 1 tensors/,
    );
    await expect(choose(root)).rejects.toThrow(/is no model that an installed package can load/);
  }
});
