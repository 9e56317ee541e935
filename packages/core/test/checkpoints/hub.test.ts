import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type HubProgress, logHubProgress, openHubRepo, openPlace, parseHubReference } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { badAnswer, hubError } from '../../src/checkpoints/hub/hub-error.js';
import { hubName } from '../../src/checkpoints/hub/hub-reference.js';
import { cache, emptyCache, environment, failure, hub, secret, useHub } from '../support/hub-bench.js';

useHub();

const reference = { repo: 'org/name', revision: 'main' };

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

    emptyCache();
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
