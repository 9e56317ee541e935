import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeHub, startFakeHub } from '../../core/test/support/fake-hub.js';
import { nothingSaid } from '../src/config/command-layers.js';
import { createProgress } from '../src/progress/progress.js';
import { chooseArchitecture, locateModel } from '../src/setup/choose-model.js';
import { openHub } from '../src/setup/hub-access.js';
import { openPlugins } from '../src/setup/plugin-access.js';
import { resumeRun } from '../src/setup/resume-run.js';
import { oneSentence, runDraftHere } from './draft-process.js';

const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);
const tool = fileURLToPath(new URL('../../../tools/draft.mjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'draft-hub-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let hub: FakeHub;
let environment: Record<string, string>;
let count = 0;
beforeEach(async () => {
  hub = await startFakeHub();
  for (const name of readdirSync(tiny, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(tiny, name)).isFile()) hub.files.set(name, readFileSync(join(tiny, name)));
  }
  count += 1;
  environment = { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(root, String(count)), DRAFT_BACKEND: 'wasm' };
});
afterEach(() => hub.close());

/** Runs the program beside this process, in which the server is. */
const draft = async (...args: string[]): Promise<string> => {
  const options = { cwd: root, env: { ...process.env, ...environment } };
  const { stdout } = await promisify(execFile)(process.execPath, [tool, ...args], options);
  return stdout;
};

/** Runs the program in this process. */
const here = (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
  for (const [name, value] of Object.entries({ ...environment, ...more })) vi.stubEnv(name, value);
  return runDraftHere(root, args);
};

const quick = [
  ...['--steps', '2', '--guidance', '1', '--batch', '1', '--prompts', 'a fox', '--sampler', 'ddim'],
  ...['--reward', 'symmetry', '--evaluate', '1', '--rank', '2', '--sample-every', '0', '--guard', 'off'],
];

describe('--model hf:org/name', () => {
  it('trains on a model of the Hub, and goes on with the same commit', async () => {
    const first = hub.commit;
    const model = ['--model', 'hf:org/name', '--output', 'run'];
    const output = await draft('train', ...quick, ...model, '--iterations', '1');
    expect(output).toMatch(/^downloading hf:org\/name\/unet\/\S+\.safetensors \(\d+ [kM]B\) …$/m);
    const recorded = JSON.parse(readFileSync(join(root, 'run/config.json'), 'utf8'));
    expect(recorded.checkpoints).toEqual({ 'hf:org/name': first });
    expect(recorded.model.path).toContain(join('snapshots', first));
    expect(recorded.model.description).toMatch(/^hf:org\/name: /);

    // The branch moves on to what is no model any more.
    hub.commit = 'b'.repeat(40);
    hub.files.clear();
    const before = hub.requests.length;
    await draft('train', '--resume', 'run', '--iterations', '2');
    expect(hub.requests.slice(before)).toEqual([]);
    expect(readFileSync(join(root, 'run/metrics.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2);

    const { recorded: read } = resumeRun({}, 'run', root);
    expect(read.checkpoints).toEqual({ 'hf:org/name': first });
  }, 600_000);

  it('draws with a single file of a repository, which is brought alone', async () => {
    hub.files.set('folder/model.ckpt', readFileSync(join(tiny, '../model.ckpt')));
    const { status, stdout, stderr } = await here([
      ...['generate', '--model', 'hf:org/name/folder/model.ckpt', '--model-set', `config=${tiny}`],
      ...['--prompts', 'a fox', '--steps', '2', '--guidance', '1', '--size', '48x64', '--output', 'single'],
    ]);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^downloading hf:org\/name\/folder\/model\.ckpt /m);
    const { checkpoints, model } = JSON.parse(readFileSync(join(root, 'single/config.json'), 'utf8'));
    expect(checkpoints).toEqual({ 'hf:org/name': hub.commit });
    expect(model.description).toMatch(/^hf:org\/name\/folder\/model\.ckpt: Stable Diffusion, predicts noise/);
    const files = hub.requests.filter((request) => request.includes('/resolve/'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.every((request) => request.includes('folder/model.ckpt'))).toBe(true);
  }, 240_000);

  it('downloads once, and then needs no network', async () => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const lines: string[] = [];
    const progress = createProgress({ write: (text) => lines.push(text) }, Date.now);
    const plugins = await openPlugins(process.cwd(), nothingSaid, () => {});
    const access = openHub(progress);
    const place = await locateModel('hf:org/name@v1', plugins, root, access);
    expect(place.name).toBe('hf:org/name@v1');
    expect(access.commits()).toEqual({ 'hf:org/name@v1': hub.commit });
    expect((await chooseArchitecture(place.path, plugins)).name).toBe('stable-diffusion');
    const told = lines.length;
    expect(told).toBeGreaterThan(0);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    const again = await locateModel('hf:org/name@v1', plugins, root, openHub(progress));
    expect(again.path).toBe(place.path);
    expect(lines).toHaveLength(told);
    vi.unstubAllEnvs();
  });

  it.each<[string, string, Readonly<Record<string, string>>, RegExp]>([
    [
      'no such repository',
      'hf:org/nome',
      {},
      /^error: hf:org\/nome\/model_index\.json cannot be had: .*no repository org\/nome/,
    ],
    [
      'a repository without a model',
      'hf:org/name/unet',
      {},
      /^error: hf:org\/name\/unet holds no model_index\.json/,
    ],
    [
      'no network allowed',
      'hf:org/name',
      { HF_HUB_OFFLINE: '1' },
      /^error: hf:org\/name\/model_index\.json is not in the cache .*HF_HUB_OFFLINE/,
    ],
    ['no reference', 'hf:name', {}, /^error: "hf:name" is no reference to the Hugging Face Hub/],
    ['a folder that is not there', './none', {}, /^error: There is no model folder \.\/none; .*hf:org\/name/],
  ])('says what is wrong: %s', async (_, model, more, message) => {
    const { status, stderr } = await here(['generate', '--model', model, '--prompts', 'a fox'], more);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(oneSentence);
    expect(status).toBe(1);
  });

  it('names the file of a part that is missing', async () => {
    for (const name of hub.files.keys()) if (/^vae\/.*safetensors/.test(name)) hub.files.delete(name);
    const { stderr } = await here(['generate', '--model', 'hf:org/name', '--prompts', 'a fox']);
    expect(stderr).toMatch(
      /^error: hf:org\/name holds no weights of its vae, such as vae\/diffusion_pytorch_model/,
    );
  });

  it('asks with HF_TOKEN and prints it nowhere', async () => {
    hub.token = 'hf_right';
    const secret = 'hf_secretsecretsecret';
    const args = ['generate', '--model', 'hf:org/name', '--prompts', 'a fox'];
    const { stdout, stderr } = await here(args, { HF_TOKEN: secret, DRAFT_DEBUG: '1' });
    expect(stderr).toMatch(/^error: hf:org\/name\/model_index\.json .*check that HF_TOKEN may read it/);
    expect(stdout + stderr).not.toContain(secret);
    const broken = await here(args, { HF_TOKEN: `hf_abc\n${secret}`, DRAFT_DEBUG: '1' });
    expect(broken.stderr).toMatch(/^error: HF_TOKEN is no access token of the Hugging Face Hub/);
    expect(broken.stdout + broken.stderr).not.toMatch(/hf_abc|secretsecret/);
  });

  it('refuses a record whose commits are none', async () => {
    mkdirSync(join(root, 'damaged'));
    const recorded = { options: {}, prompts: [], heldOut: [], command: '' };
    const write = (checkpoints: unknown) =>
      writeFileSync(join(root, 'damaged/config.json'), JSON.stringify({ ...recorded, checkpoints }));
    for (const checkpoints of [null, { 'hf:a/b': '../x' }, { 'hf:a/b': 3 }]) {
      write(checkpoints);
      expect(() => resumeRun({}, 'damaged', root)).toThrow(/does not say how the run was made/);
    }
    write({ 'hf:a/b': 'c'.repeat(40) });
    expect(resumeRun({}, 'damaged', root).recorded.checkpoints).toBeDefined();
  });
});
