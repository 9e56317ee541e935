import { lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DraftError,
  fetchPipeline,
  type HubOptions,
  type HubProgress,
  logHubProgress,
  openHubRepo,
  openPlace,
  openPlacedWeights,
  parseHubReference,
  weightFileNames,
} from '@draft/core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badAnswer, hubError } from '../../src/checkpoints/hub/hub-error.js';
import { hubName } from '../../src/checkpoints/hub/hub-reference.js';
import { type FakeHub, startFakeHub } from '../support/fake-hub.js';

const root = mkdtempSync(join(tmpdir(), 'draft-hub-'));
let caches = 0;
let hub: FakeHub;
let cache: string;
const reference = { repo: 'org/name', revision: 'main' };
const environment = (more: Readonly<Record<string, string>> = {}): HubOptions => ({
  environment: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: cache, ...more },
});
const secret = 'hf_secretsecretsecret';

beforeEach(async () => {
  hub = await startFakeHub();
  caches += 1;
  cache = join(root, String(caches));
  hub.files.set('config.json', Buffer.from('{"model_type":"clip"}'));
  hub.files.set('model.safetensors', Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)));
});
afterEach(() => hub.close());
afterAll(() => rmSync(root, { recursive: true }));

const failure = async (promise: Promise<unknown>): Promise<DraftError> => {
  const cause = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(cause).toBeInstanceOf(DraftError);
  const { message } = cause as DraftError;
  expect(message).not.toContain(secret);
  return cause as DraftError;
};

describe('a reference', () => {
  it.each([
    ['hf:org/name', 'org/name', 'main', null],
    ['hf:org/na.me-1@v2.0', 'org/na.me-1', 'v2.0', null],
    ['hf:org/name/unet/x.safetensors', 'org/name', 'main', 'unet/x.safetensors'],
    ['hf:org/name@abc/x.pt', 'org/name', 'abc', 'x.pt'],
    ['hf:org/name@refs/pr/12', 'org/name', 'refs/pr/12', null],
    ['hf:org/name@refs/pr/1/unet/x.pt', 'org/name', 'refs/pr/1', 'unet/x.pt'],
    ['hf:org/name@refs/convert/parquet/x.pt', 'org/name', 'refs/convert/parquet', 'x.pt'],
    ['hf:org/name@refs%2Fpr%2F1/x.pt', 'org/name', 'refs/pr/1', 'x.pt'],
    ['hf:org/name@feature%2fx', 'org/name', 'feature/x', null],
    ['hf:org/name@feature%2Fx%2Fy/1/x.pt', 'org/name', 'feature/x/y', '1/x.pt'],
    ['hf:org/name@refs%2Fheads%2Fmain', 'org/name', 'refs/heads/main', null],
    // A branch and a file, as ever.
    ['hf:org/name@pr/1', 'org/name', 'pr', '1'],
  ])('%s', (text, repo, revision, path) => {
    expect(parseHubReference(text)).toEqual({ repo, revision, path });
    const again = hubName({ repo, revision }, path);
    expect(again).toBe(text.replace('refs%2Fpr%2F1', 'refs/pr/1').replace('%2f', '%2F'));
    expect(parseHubReference(again)).toEqual({ repo, revision, path });
  });

  it.each([
    'hf:',
    'hf:name',
    'hf:org/',
    'hf:../name',
    'hf:org/name/../x',
    'hf:org/name@../x',
    'hf:org/name//x',
    'hf:o rg/x',
    'hf:org/name@',
    'hf:org/name@refs',
    'hf:org/name@refs/x.pt',
    'hf:org/name@refs/pr',
    'hf:org/name@refs/pr/x',
    'hf:org/name@refs/heads/main',
    'hf:org/name@refs/pr/../x',
    'hf:org/name@refs%2F..%2Fpr',
    'hf:org/name@%2Fx',
    'hf:org/name@x%2F',
    'hf:org/name@x%252F',
    'hf:org/name@..%2F..%2Fx',
  ])('%s is none', (text) => {
    expect(() => parseHubReference(text)).toThrow(/is no reference to the Hugging Face Hub: hf:org\/name/);
  });
});

describe('a file of the Hub', () => {
  it('is downloaded once, into the layout that all programs share', async () => {
    const seen: HubProgress[] = [];
    const options = { ...environment(), onProgress: (progress: HubProgress) => seen.push(progress) };
    const path = (await openHubRepo(reference, options).file('model.safetensors'))!;
    const storage = join(cache, 'models--org--name');
    expect(path).toBe(join(storage, 'snapshots', hub.commit, 'model.safetensors'));
    expect(readFileSync(path).equals(hub.files.get('model.safetensors')!)).toBe(true);
    expect(readFileSync(join(storage, 'refs/main'), 'utf8')).toBe(hub.commit);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(storage, 'blobs'))).toEqual([realpathSync(path).split('/').at(-1)]);
    expect(seen[0]).toEqual({ name: 'hf:org/name/model.safetensors', received: 0, total: 300_000 });
    expect(seen.at(-1)?.received).toBe(300_000);
    const before = hub.requests.length;
    expect(await openHubRepo(reference, options).file('model.safetensors')).toBe(path);
    expect(hub.requests.slice(before)).toEqual(['GET /api/models/org/name/revision/main']);
  });

  it('may be small, and kept by git itself', async () => {
    const path = await openHubRepo(reference, environment()).file('config.json');
    expect(readFileSync(path!, 'utf8')).toContain('clip');
  });

  it('is null where the repository has none', async () => {
    expect(await openHubRepo(reference, environment()).file('other.bin')).toBeNull();
    const before = hub.requests.length;
    expect(await openHubRepo(reference, environment()).file('other.bin')).toBeNull();
    // Only the branch is looked up: what a commit lacks is remembered as Python's cache does it.
    expect(hub.requests.slice(before)).toEqual(['GET /api/models/org/name/revision/main']);
  });

  it('goes on where the connection broke, in this run and in the next', async () => {
    hub.breaks.push(100_000, 50_000);
    const path = await openHubRepo(reference, environment()).file('model.safetensors');
    expect(readFileSync(path!).equals(hub.files.get('model.safetensors')!)).toBe(true);
    const ranges = hub.requests.flatMap((line) => /resolve.*bytes=(\d+)-(?!0$)/.exec(line)?.[1] ?? []);
    expect(ranges).toHaveLength(2);
    expect(Number(ranges[1])).toBeGreaterThan(Number(ranges[0]));

    cache = join(root, 'again');
    // No byte arrives three times in a row.
    hub.breaks.push(100_000, 0, 0, 0);
    const error = await failure(openHubRepo(reference, environment()).file('model.safetensors'));
    expect(error.code).toBe('DRAFT_HUB_FAILED');
    expect(error.message).toMatch(
      /hf:org\/name\/model\.safetensors cannot be had: .*what has arrived is kept/,
    );
    const before = hub.requests.length;
    const later = await openHubRepo(reference, environment()).file('model.safetensors');
    expect(readFileSync(later!).equals(hub.files.get('model.safetensors')!)).toBe(true);
    expect(hub.requests.slice(before).some((line) => /bytes=[1-9]\d*-299999/.test(line))).toBe(true);
  });

  it('is thrown away where its hash is another', async () => {
    for (const name of ['model.safetensors', 'config.json']) {
      hub.wrongHash.add(name);
      const error = await failure(openHubRepo(reference, environment()).file(name));
      expect(error.code).toBe('DRAFT_HUB_DAMAGED');
      expect(error.message).toContain(`hf:org/name/${name} arrived with another SHA-`);
    }
    expect(readdirSync(join(cache, 'models--org--name', 'blobs'))).toEqual([]);
  });

  it('is looked for at one commit, also where the branch has moved on', async () => {
    await openHubRepo(reference, environment()).file('config.json');
    const old = hub.commit;
    hub.commit = 'b'.repeat(40);
    hub.files.set('config.json', Buffer.from('{}'));
    const path = await openHubRepo(reference, environment()).file('config.json');
    expect(readFileSync(path!, 'utf8')).toBe('{}');
    const pinned = await openHubRepo({ ...reference, revision: old }, environment()).file('config.json');
    expect(readFileSync(pinned!, 'utf8')).toContain('clip');
  });

  it.each(['refs/pr/1', 'feature/x'])('may be of a revision with slashes: %s', async (revision) => {
    hub.revisions.add(revision);
    const commits = new Map<string, string>();
    const path = await openHubRepo({ ...reference, revision }, { ...environment(), commits }).file(
      'config.json',
    );
    expect(path).toContain(hub.commit);
    expect(hub.requests[0]).toBe(`GET /api/models/org/name/revision/${encodeURIComponent(revision)}`);
    // Where Python's cache has it.
    expect(readFileSync(join(cache, 'models--org--name/refs', revision), 'utf8')).toBe(hub.commit);
    const [written] = commits.keys();
    expect(parseHubReference(written!)).toEqual({ repo: 'org/name', revision, path: null });
    await hub.close();
    expect(await openPlace(`${written}/config.json`, environment()).file('config.json')).toBe(path);
  });

  it('is of the commit that was agreed on', async () => {
    const commits = new Map<string, string>();
    const options = { ...environment(), commits };
    const path = await openHubRepo(reference, options).file('config.json');
    expect(Object.fromEntries(commits)).toEqual({ 'hf:org/name': hub.commit });
    hub.commit = 'b'.repeat(40);
    const before = hub.requests.length;
    expect(await openHubRepo(reference, options).file('config.json')).toBe(path);
    expect(hub.requests.slice(before)).toEqual([]);
  });

  it('comes from the cache without a network, or where HF_HUB_OFFLINE is set', async () => {
    const path = await openHubRepo(reference, environment()).file('config.json');
    await hub.close();
    expect(await openHubRepo(reference, environment()).file('config.json')).toBe(path);
    const offline = environment({ HF_HUB_OFFLINE: '1' });
    expect(await openHubRepo(reference, offline).file('config.json')).toBe(path);
    expect(await openHubRepo(reference, offline).file('model.safetensors')).toBeNull();
    const unreachable = await failure(openHubRepo(reference, environment()).file('model.safetensors'));
    expect(unreachable.code).toBe('DRAFT_HUB_FAILED');
    expect(unreachable.message).toMatch(/hf:org\/name\/model\.safetensors cannot be had: .*ECONNREFUSED/);
    const other = openHubRepo({ repo: 'org/other', revision: 'v1' }, offline).file('x.pt');
    const error = await failure(other);
    expect(error.code).toBe('DRAFT_HUB_OFFLINE');
    expect(error.message).toMatch(/^hf:org\/other@v1\/x\.pt is not in the cache .*HF_HUB_OFFLINE/);
  });

  it('is asked for with HF_TOKEN, which no message repeats', async () => {
    hub.token = secret;
    const without = await failure(openHubRepo(reference, environment()).file('config.json'));
    expect(without.code).toBe('DRAFT_HUB_FORBIDDEN');
    expect(without.message).toMatch(/hf:org\/name\/config\.json .*\(401\).*set HF_TOKEN/);
    const path = await openHubRepo(reference, environment({ HF_TOKEN: secret })).file('config.json');
    expect(path).not.toBeNull();
    hub.token = 'another';
    const refused = openHubRepo(reference, environment({ HF_TOKEN: secret })).file('model.safetensors');
    expect((await failure(refused)).message).toMatch(/check that HF_TOKEN may read it/);
  });

  it.each([
    ['a line break', 'hf_secret\nSECRET'],
    ['a carriage return', 'hf_secret\rSECRET'],
    ['a tab', 'hf_secret\tSECRET'],
    ['a space', 'hf_secret SECRET'],
    ['a null', 'hf_secret\0SECRET'],
    ['letters that no header takes', 'hf_secretSECRETж'],
    ['an umlaut', 'hf_secretSECRETü'],
    ['another beginning', 'secretSECRET'],
    ['a scheme before it', 'Bearer hf_secretSECRET'],
    ['quotation marks', '"hf_secretSECRET"'],
    ['nothing behind its beginning', 'hf_'],
  ])('is not asked for with what is no token: %s', async (_, token) => {
    const path = await openHubRepo(reference, environment()).file('config.json');
    const before = hub.requests.length;
    for (const name of ['config.json', 'model.safetensors']) {
      const error = await failure(openHubRepo(reference, environment({ HF_TOKEN: token })).file(name));
      expect(error.code).toBe('DRAFT_TOKEN_INVALID');
      expect(error.message).toMatch(/^HF_TOKEN is no access token/);
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toMatch(/secret/i);
    }
    expect(hub.requests).toHaveLength(before);
    // Where nothing is sent, it does not matter.
    const offline = environment({ HF_TOKEN: token, HF_HUB_OFFLINE: '1' });
    expect(await openHubRepo(reference, offline).file('config.json')).toBe(path);
  });

  it('may be asked for with spaces around HF_TOKEN', async () => {
    hub.token = secret;
    const spaced = environment({ HF_TOKEN: ` ${secret}\n` });
    expect(await openHubRepo(reference, spaced).file('config.json')).not.toBeNull();
    const none = openHubRepo(reference, environment({ HF_TOKEN: ' ' })).file('model.safetensors');
    expect((await failure(none)).message).toMatch(/set HF_TOKEN/);
  });

  it('says what is missing', async () => {
    const error = await failure(
      openHubRepo({ repo: 'org/nome', revision: 'main' }, environment()).file('x.pt'),
    );
    expect(error.code).toBe('DRAFT_HUB_NOT_FOUND');
    expect(error.message).toMatch(
      /^hf:org\/nome\/x\.pt cannot be had: .*no repository org\/nome .*HF_TOKEN is not set/,
    );
    // What looks like a file of a branch may have been meant as a branch with a slash.
    const branch = openPlace('hf:org/name@feature/x.pt', environment()).file('x.pt');
    expect((await failure(branch)).message).toMatch(
      /no repository org\/name with a revision feature.*; a slash within a revision is written %2F/,
    );
    hub.failure = 503;
    const busy = await failure(openHubRepo(reference, environment()).file('config.json'));
    expect(busy.message).toMatch(/hf:org\/name\/config\.json .*answered 503/);
  });

  it('can be interrupted', async () => {
    const signal = AbortSignal.abort();
    const error = await failure(openHubRepo(reference, { ...environment(), signal }).file('config.json'));
    expect(error.code).toBe('DRAFT_INTERRUPTED');
  });
});

describe('an error of the Hub', () => {
  const wish = { ...reference, path: 'x.pt', endpoint: `https://user:${secret}@hub`, secret };
  const told = (cause: unknown) => {
    const { message, stack, cause: kept } = hubError(cause, wish);
    expect(`${message} ${stack} ${String(kept)}`).not.toContain(secret);
    return message;
  };

  it('never repeats foreign words, nor the token wherever it stands', () => {
    expect(told(new TypeError(`Headers.append: "Bearer ${secret}" is an invalid header value.`))).toMatch(
      /cannot be had: https:\/\/user:\(HF_TOKEN\)@hub cannot be reached \(no answer that can be read\)/,
    );
    expect(told(new SyntaxError(`Unexpected token: ${secret}`))).toMatch(/no answer that can be read/);
    expect(told(Object.assign(new Error(secret), { cause: { code: secret } }))).toMatch(/no answer/);
    expect(told(Object.assign(new Error(secret), { statusCode: 418 }))).toMatch(/answered 418/);
    expect(told(secret)).toMatch(/no answer/);
  });

  it('says what the system calls it, and what we saw ourselves', () => {
    expect(told(Object.assign(new Error(secret), { cause: { code: 'ECONNRESET' } }))).toMatch(
      /\(ECONNRESET\)/,
    );
    expect(told(badAnswer('its answer names no hash'))).toMatch(/\(its answer names no hash\)/);
  });
});

it('progress is told once a tenth', () => {
  const lines: string[] = [];
  const tell = logHubProgress((line) => lines.push(line));
  for (let received = 0; received <= 100; received += 1)
    tell({ name: 'hf:a/b/c', received: received * 1e6, total: 1e8 });
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe('Downloading hf:a/b/c: 0 % of 100.0 MB');
});

describe('the weights of a place', () => {
  const torchFile = (name: string) =>
    readFileSync(fileURLToPath(new URL(`../fixtures/torch-files/${name}`, import.meta.url)));

  it('are the best that a repository has, with their shards', async () => {
    hub.files.delete('model.safetensors');
    hub.files.set('pytorch_model.bin', torchFile('zip.pth'));
    const names = async (text: string) => {
      const source = await openPlacedWeights(openPlace(text, environment()), environment());
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
    const open = (text: string, more = {}) =>
      openPlacedWeights(openPlace(text, environment(more)), environment(more));
    expect((await failure(open('hf:org/name/absent.pt'))).message).toMatch(
      /^hf:org\/name\/absent\.pt cannot be had: hf:org\/name has no such file/,
    );
    hub.files.delete('model.safetensors');
    expect((await failure(open('hf:org/name'))).message).toMatch(
      /hf:org\/name holds none of .*model\.safetensors/,
    );
    const folder = fileURLToPath(new URL('../fixtures/torch-files', import.meta.url));
    expect((await failure(open(folder))).message).toMatch(/torch-files holds none of/);
    expect(() => openPlace(join(root, 'nothing'))).toThrow(/no file or folder .*written hf:org\/name/);
  });

  it('are all named, with their repository, where the network may not be asked', async () => {
    await openHubRepo(reference, environment()).file('config.json'); // so the commit is known
    const offline = environment({ HF_HUB_OFFLINE: '1' });
    const open = (text: string) => failure(openPlacedWeights(openPlace(text, offline), offline));
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
    expect((await failure(openPlacedWeights(openPlace('hf:org/name', online), online))).message).toMatch(
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
