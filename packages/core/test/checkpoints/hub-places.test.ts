import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchPipeline, openHubRepo, openPlace, openPlacedWeights, weightFileNames } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { cache, environment, failure, hub, useHub } from '../support/hub-bench.js';

useHub();

const reference = { repo: 'org/name', revision: 'main' };

describe('the weights of a place', () => {
  const torchFile = (name: string) =>
    readFileSync(fileURLToPath(new URL(`../fixtures/torch-files/${name}`, import.meta.url)));

  it('are the best that a repository has, with their shards', async () => {
    hub.files.delete('model.safetensors');
    hub.files.set('pytorch_model.bin', torchFile('zip.pth'));
    const names = async (text: string) => {
      const source = await openPlacedWeights(openPlace(text, environment()));
      const { path, entries } = source;
      source.close();
      return [path.split('/').at(-1), entries.has('plain'), entries.size];
    };
    expect(await names('hf:org/name')).toEqual(['pytorch_model.bin', true, 19]);
    hub.commit = 'b'.repeat(40); // what a commit lacks, it lacks for ever
    hub.files.set('1.safetensors', torchFile('state.safetensors'));
    hub.files.set(
      'model.safetensors.index.json',
      Buffer.from(
        JSON.stringify({ weight_map: { plain: '1.safetensors' }, metadata: { x: 'y'.repeat(100) } }),
      ),
    );
    expect(await names('hf:org/name')).toEqual(['model.safetensors.index.json', true, 19]);
    hub.files.set('old/weights.pt', torchFile('legacy.pth'));
    expect(await names('hf:org/name/old/weights.pt')).toEqual(['weights.pt', true, 19]);
    expect(await names('hf:org/name@v1/old/weights.pt')).toEqual(['weights.pt', true, 19]);
  });

  it('are missed with the names of the repository and the file', async () => {
    const open = (text: string, more = {}) => openPlacedWeights(openPlace(text, environment(more)));
    expect((await failure(open('hf:org/name/absent.pt'))).message).toMatch(
      /^hf:org\/name\/absent\.pt cannot be had: hf:org\/name has no such file/,
    );
    hub.files.delete('model.safetensors');
    expect((await failure(open('hf:org/name'))).message).toMatch(
      /hf:org\/name holds none of .*model\.safetensors/,
    );
    const folder = fileURLToPath(new URL('../fixtures/torch-files', import.meta.url));
    expect((await failure(open(folder))).message).toMatch(/torch-files holds none of/);
    expect(() => openPlace(join(cache, 'nothing'))).toThrow(/no file or folder .*written hf:org\/name/);
  });

  it('are all named, with their repository, where the network may not be asked', async () => {
    await openHubRepo(reference, environment()).file('config.json'); // so the commit is known
    const offline = environment({ HF_HUB_OFFLINE: '1' });
    const open = (text: string) => failure(openPlacedWeights(openPlace(text, offline)));
    const single = await open('hf:org/name@main/sub/weights.pt');
    expect(single.code).toBe('DRAFT_HUB_OFFLINE');
    expect(single.message).toBe(
      `hf:org/name/sub/weights.pt is not in the cache ${cache}, and HF_HUB_OFFLINE forbids to download it. Unset it, ` +
        'or download it by other means and give the path.',
    );
    const whole = await open('hf:org/name');
    expect(whole.code).toBe('DRAFT_HUB_OFFLINE');
    expect(whole.message).toMatch(
      /^hf:org\/name\/model\.safetensors \(or another form of these weights\) are not in the cache .*; with DRAFT_DEBUG=1, draft lists them all\.$/,
    );
    const names = weightFileNames('model').map((name) => `hf:org/name/${name}`);
    expect(whole.details).toEqual({ 'one needed (weights)': names });
    // An index says which files belong to it.
    hub.commit = 'b'.repeat(40);
    const shards = Array.from({ length: 6 }, (_, i) => `model-${i + 1}.safetensors`);
    const weight_map = Object.fromEntries(shards.map((shard, i) => [`w${i}`, shard]));
    hub.files.delete('model.safetensors');
    hub.files.set('model.safetensors.index.json', Buffer.from(JSON.stringify({ weight_map })));
    const online = environment();
    expect((await failure(openPlacedWeights(openPlace('hf:org/name', online)))).message).toMatch(
      /^hf:org\/name lacks files that its index model\.safetensors\.index\.json lists: model-1\.safetensors, .* and 2 more; with DRAFT_DEBUG/,
    );
    hub.files.set('model-2.safetensors', Buffer.from('not these'));
    hub.commit = 'c'.repeat(40);
    await openHubRepo(reference, online).file('model.safetensors.index.json');
    await openHubRepo(reference, online).file('model-2.safetensors');
    const partly = await open('hf:org/name');
    expect(partly.message).toMatch(
      /^hf:org\/name\/model-1\.safetensors, hf:org\/name\/model-3\.safetensors, .* and 1 more are not in the cache/,
    );
    expect(partly.details).toEqual({
      needed: shards.filter((_, i) => i !== 1).map((shard) => `hf:org/name/${shard}`),
    });
  });

  it('may be a folder or a file of this machine', async () => {
    const file = fileURLToPath(new URL('../fixtures/torch-files/legacy-wrapped.ckpt', import.meta.url));
    const place = openPlace(file);
    expect(place.single).toBe('legacy-wrapped.ckpt');
    expect(await place.file('zip.pth')).toMatch(/zip\.pth$/);
    expect(await place.file('none')).toBeNull();
    const source = await openPlacedWeights(place);
    expect(source.entries.size).toBe(19);
    source.close();
  });
});

describe('a model in diffusers layout', () => {
  it('is brought with its parts, and nothing else', async () => {
    hub.files.clear();
    const part = Buffer.from('{}');
    const wanted = [
      'scheduler/scheduler_config.json',
      'tokenizer/merges.txt',
      'tokenizer/vocab.json',
      'text_encoder/config.json',
      'text_encoder/model.safetensors',
      'unet/config.json',
      'unet/diffusion_pytorch_model.safetensors.index.json',
      'unet/1.safetensors',
      'vae/config.json',
      'vae/diffusion_pytorch_model.bin',
    ];
    for (const name of [...wanted, 'model.ckpt', 'safety_checker/model.safetensors', 'vae/x.bin'])
      hub.files.set(name, part);
    const shards = { weight_map: { a: '1.safetensors' } };
    hub.files.set('unet/diffusion_pytorch_model.safetensors.index.json', Buffer.from(JSON.stringify(shards)));
    const classes = ['scheduler', 'tokenizer', 'text_encoder', 'unet', 'vae', 'safety_checker'];
    const index = Object.fromEntries(classes.map((name) => [name, ['library', 'Class']]));
    Object.assign(index, { _class_name: 'X', text_encoder_2: [null, null] });
    hub.files.set('model_index.json', Buffer.from(JSON.stringify(index)));
    const folder = await fetchPipeline('hf:org/name', environment());
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => !entry.isDirectory(),
    );
    expect(found.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort()).toEqual(
      [...wanted, 'model_index.json'].sort(),
    );
    hub.files.delete('vae/diffusion_pytorch_model.bin');
    hub.commit = 'c'.repeat(40);
    const error = await failure(fetchPipeline('hf:org/name', environment()));
    expect(error.message).toMatch(/hf:org\/name holds no weights of its vae/);
  });

  it('is missed with all its files where the network may not be asked', async () => {
    hub.files.clear();
    const index = { unet: ['l', 'C'], vae: ['l', 'C'], tokenizer: ['l', 'C'], scheduler: ['l', 'C'] };
    hub.files.set('model_index.json', Buffer.from(JSON.stringify(index)));
    for (const name of ['unet/config.json', 'tokenizer/vocab.json']) hub.files.set(name, Buffer.from('{}'));
    const repo = openHubRepo(reference, environment());
    for (const name of hub.files.keys()) await repo.file(name);
    const offline = environment({ HF_HUB_OFFLINE: '1' });
    const error = await failure(fetchPipeline('hf:org/name', offline));
    expect(error.code).toBe('DRAFT_HUB_OFFLINE');
    expect(error.message).toMatch(
      /^hf:org\/name\/vae\/config\.json, hf:org\/name\/tokenizer\/merges\.txt, hf:org\/name\/scheduler\/scheduler_config\.json, hf:org\/name\/unet\/diffusion_pytorch_model\.safetensors \(or another form of these weights\) and 1 more are not in the cache/,
    );
    expect(Object.keys(error.details)).toEqual([
      'needed',
      'one needed (weights of the unet)',
      'one needed (weights of the vae)',
    ]);
    expect(error.details.needed).toHaveLength(3);
    const file = await failure(fetchPipeline('hf:org/name/xl.safetensors', offline));
    expect(file.message).toMatch(/^hf:org\/name\/xl\.safetensors is not in the cache/);
    hub.commit = 'd'.repeat(40);
    hub.files.set('other.txt', Buffer.from('x'));
    await openHubRepo(reference, environment()).file('other.txt');
    expect((await failure(fetchPipeline('hf:org/name', offline))).message).toMatch(
      /^hf:org\/name\/model_index\.json is not in the cache/,
    );
  });

  it('is brought alone where it is a single file', async () => {
    hub.files.clear();
    hub.files.set('xl.safetensors', Buffer.from('weights'));
    hub.files.set('model_index.json', Buffer.from('{}'));
    const path = await fetchPipeline('hf:org/name/xl.safetensors', environment());
    expect(readFileSync(path, 'utf8')).toBe('weights');
    expect(readdirSync(dirname(path))).toEqual(['xl.safetensors']);
    const error = await failure(fetchPipeline('hf:org/name/other.safetensors', environment()));
    expect(error.message).toMatch(/hf:org\/name\/other\.safetensors cannot be had/);
  });

  it('is refused where there is none', async () => {
    expect((await failure(fetchPipeline('hf:org/name', environment()))).message).toMatch(
      /no model_index\.json/,
    );
  });
});
