import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraft, runDraftHere } from './draft-process.js';

const installed = fileURLToPath(new URL('../../../node_modules', import.meta.url));

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-author-')));
  // What npm install would bring.
  symlinkSync(installed, join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kinds = ['reward', 'algorithm', 'sampler'] as const;

/** Compiles a package without looking at types; the package check does that with the published ones. */
const build = (root: string) => {
  mkdirSync(join(root, 'dist'));
  for (const name of readdirSync(join(root, 'src'))) {
    const source = readFileSync(join(root, 'src', name), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
    });
    writeFileSync(join(root, 'dist', name.replace(/ts$/, 'js')), outputText);
  }
};

describe('draft new', () => {
  it.each(kinds)(
    'writes a package for a %s whose own test passes',
    async (kind) => {
      const { status, stdout } = await runDraftHere(folder, ['new', kind, 'soft-glow', '--scope', '@acme']);
      expect(status).toBe(0);
      expect(stdout).toContain(`@acme/draft-${kind}-soft-glow is in draft-${kind}-soft-glow:`);
      const root = join(folder, `draft-${kind}-soft-glow`);

      build(root);
      const own = spawnSync(
        process.execPath,
        [
          '--conditions=@draft/source',
          '--import',
          import.meta.resolve('tsx'),
          '--test',
          '--test-reporter=tap',
        ],
        // The variable of Node's own runner would make it a child of another run.
        { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
      );
      expect(own.stdout).toMatch(/# fail 0/);
      expect(own.stdout).toMatch(/# pass [1-9]/);
      expect(own.status).toBe(0);
    },
    180_000,
  );

  it('knows no more names than npm and TypeScript do', async () => {
    const refused = async (...args: string[]) => {
      const { status, stderr } = await runDraftHere(folder, ['new', ...args]);
      expect(status).toBe(1);
      expect(stderr).toMatch(oneSentence);
      return stderr;
    };
    expect(await refused('rewrd', 'glow')).toContain('did you mean "reward"?');
    expect(await refused('reward', 'Glow')).toContain('lower-case letters');
    expect(await refused('reward', '../glow')).toContain('lower-case letters');
    expect(await refused('reward', 'glow', '--scope', 'acme')).toContain('write it like @acme');
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'taken/file'), '');
    expect(await refused('reward', 'glow', '--output', 'taken')).toContain('taken is not empty');
    await runDraftHere(folder, ['new', 'reward', 'new', '--output', 'reserved', '--license', 'Apache-2.0']);
    expect(JSON.parse(readFileSync(join(folder, 'reserved/package.json'), 'utf8')).license).toBe(
      'Apache-2.0',
    );
    expect(readFileSync(join(folder, 'reserved/README.md'), 'utf8')).toMatch(/## License\n\nApache-2\.0\n$/);
  });

  it.each([
    ...['new', 'for', 'static', 'tf', 'assert'].map((id) => ['reward', id] as const),
    ['algorithm', 'create-random-source'] as const,
  ])('calls a %s otherwise in code where "%s" is a word of the language, or taken', async (kind, id) => {
    await runDraftHere(folder, ['new', kind, id]);
    const root = join(folder, `draft-${kind}-${id}`);
    build(root);
    for (const file of ['dist/index.js', `test/${id}.test.mjs`]) {
      const { stderr } = spawnSync(process.execPath, ['--check', join(root, file)], { encoding: 'utf8' });
      expect(stderr).toBe('');
    }
  });
});

describe('draft check', () => {
  it('passes a new package, on every back end', async () => {
    await runDraftHere(folder, ['new', 'reward', 'shine']);
    const { status, stdout } = runDraft(folder, ['check', 'draft-reward-shine']);
    expect(stdout).toContain('the reward shine\n  ok      can be imported');
    expect(stdout).toContain('has the gradient of its finite differences, on wasm');
    expect(stdout).toMatch(/\d+ checks passed\.\n$/);
    expect(status).toBe(0);
  }, 180_000);

  const ours = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const failuresOf = (json: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      JSON.parse(json).outcomes.flatMap(({ title, failure }: { title: string; failure?: string }) =>
        failure === undefined ? [] : [[title, failure]],
      ),
    );

  it.each(['rewards-adversarial', 'rewards-coco-ssd', 'rewards-pickscore'])(
    'passes %s, which reads weights, as its package.json says',
    (name) => {
      const { stdout, stderr, status } = runDraft(ours(name), ['check', '--backend', 'wasm', '--json']);
      expect(stderr).not.toContain('error');
      expect(failuresOf(stdout)).toEqual({});
      const { outcomes } = JSON.parse(stdout);
      expect(outcomes.map(({ title }: { title: string }) => title)).toContain(
        'has the gradient of its finite differences, on wasm',
      );
      expect(status).toBe(0);
    },
    180_000,
  );

  it('takes options, size and back ends', () => {
    const { stdout } = runDraft(ours('rewards-adversarial'), [
      ...[
        'check',
        '--set',
        'adversarial.target=no-such-animal',
        '--size',
        '16x20',
        '--backend',
        'cpu',
        '--json',
      ],
    ]);
    const failures = failuresOf(stdout);
    expect(failures['gives one finite score an image, on cpu']).toContain('no-such-animal');
    expect(Object.keys(failures).filter((title) => /on (wasm|tensorflow)/.test(title))).toEqual([]);
  }, 60_000);

  it('gives a reward pictures of the size that was asked for, and options as its package says', async () => {
    const root = join(folder, 'picky');
    mkdirSync(root);
    const entry = { entry: './index.js', summary: 'Picky.' };
    const fields = {
      ...{ name: 'draft-reward-picky', version: '1.0.0', type: 'module' },
      draft: {
        ...{ apiVersion: 1, rewards: { picky: entry } },
        check: { picky: { options: { file: './weights', height: 12 }, backends: ['cpu'], size: [16, 10] } },
      },
      peerDependencies: { '@draft/core': '*' },
    };
    writeFileSync(join(root, 'package.json'), JSON.stringify(fields));
    writeFileSync(
      join(root, 'index.js'),
      `import { tf } from '@draft/core';
      import { z } from 'zod';
      export default {
        specVersion: 1, kind: 'reward', name: 'picky', description: 'Picky.',
        card: { measures: 'Reds.', range: [0, 1], hacking: 'Red.' },
        options: z.strictObject({
          file: z.string().describe('A file.'), height: z.number().describe('Of pictures.'),
        }),
        create: ({ file, height }) => ({
          differentiable: true, perSample: true, dispose() {},
          score: (images) => tf.tidy(() => {
            if (file !== ${JSON.stringify(join(root, 'weights'))}) throw new Error('read ' + file);
            if (![height, 10].includes(images.shape[1])) throw new Error('pictures of ' + images.shape);
            return tf.mean(images, [1, 2, 3]);
          }),
        }),
      };`,
    );
    const check = (...args: string[]) => runDraftHere(folder, ['check', 'picky', '--json', ...args]);
    expect(Object.values(failuresOf((await check()).stdout))).toContain('pictures of 1,16,10,3');
    expect(failuresOf((await check('--size', '12x10')).stdout)).toEqual({});
    expect(failuresOf((await check('--set', 'picky.height=16')).stdout)).toEqual({});
  }, 60_000);

  it.each<[string, unknown, readonly string[], RegExp]>([
    [
      'a field that there is not',
      { picky: { option: {} } },
      [],
      /draft\.check\.picky .*did you mean "options"\?/,
    ],
    [
      'a value that cannot be',
      { picky: { size: [0, 4] } },
      [],
      /draft\.check\.picky\.size\.0 in its package\.json/,
    ],
    [
      'a plugin that there is not',
      { piky: {} },
      [],
      /draft\.check in its package\.json names no plugin of it: "piky"/,
    ],
    ['no object', 3, [], /draft\.check in its package\.json is no object/],
    ['options of a stranger', {}, ['--set', 'piky.height=16'], /no plugin "piky".*did you mean "picky"\?/],
    ['an unknown back end', {}, ['--backend', 'gpu'], /no back end "gpu" \(--backend\): choose cpu, wasm/],
    ['options without a plugin', {}, ['--set', 'height=16'], /--set takes NAME\.KEY=VALUE/],
  ])('refuses %s', async (_, settings, args, reason) => {
    const file = join(folder, 'picky/package.json');
    const fields = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...fields, draft: { ...fields.draft, check: settings } }));
    const { status, stdout, stderr } = await runDraftHere(folder, ['check', 'picky', ...args]);
    expect(status).toBe(1);
    expect(stderr).toMatch(oneSentence);
    expect(stdout + stderr).toMatch(reason);
  });

  it('shows what fails, with its reason', async () => {
    const root = join(folder, 'broken');
    mkdirSync(root);
    const fields = {
      ...{ name: 'draft-reward-broken', version: '1.0.0', type: 'module' },
      draft: { apiVersion: 1, rewards: { broken: { entry: './index.js', summary: 'Broken.' } } },
    };
    writeFileSync(join(root, 'package.json'), JSON.stringify(fields));
    writeFileSync(join(root, 'index.js'), 'throw new Error("no such luck");');
    const { status, stdout, stderr } = await runDraftHere(folder, ['check', 'broken']);
    expect(status).toBe(1);
    expect(stdout).toContain('failed  takes @draft/core as a peer');
    expect(stdout).toContain('failed  can be imported');
    expect(stdout).toContain('no such luck');
    expect(stderr).toBe(
      'error: 2 of 4 checks of draft-reward-broken failed: each is shown with its reason.\n',
    );
    const json = await runDraftHere(folder, ['check', 'broken', '--json']);
    const { outcomes } = JSON.parse(json.stdout);
    expect(outcomes.filter(({ failure }: { failure?: string }) => failure !== undefined)).toHaveLength(2);
  });

  it('refuses what is no package', async () => {
    const { status, stderr } = await runDraftHere(folder, ['check', 'nowhere']);
    expect(status).toBe(1);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain('nowhere is no package');
  });
});

describe('draft schema', () => {
  it('has every option of draft train, and the options of every plugin', async () => {
    const { status, stdout, stderr } = await runDraftHere(folder, ['schema']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const schema = JSON.parse(stdout);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.learningRate).toMatchObject({ type: 'number', default: 4e-4 });
    expect(schema.properties.schedule.enum).toContain('cosine');
    const rewards = schema.properties.reward.anyOf[0].anyOf.map((offer: { const?: string }) => offer.const);
    expect(rewards).toContain('symmetry');
    expect(schema.properties.rewardSet.properties.symmetry.properties.axis.enum).toContain('both');
    const ofDraft = schema.allOf.find(
      (rule: { if: { properties: { algorithm?: { const: string } } } }) =>
        rule.if.properties.algorithm?.const === 'draft',
    );
    expect(ofDraft.if.required).toEqual(['algorithm']);
    expect(ofDraft.then.properties.set.properties).toHaveProperty('k');
  });

  it('may be named in a config, and may be a file', async () => {
    const written = await runDraftHere(folder, ['schema', '--output', 'draft.schema.json']);
    expect(written.status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'draft.schema.json'), 'utf8')).title).toMatch(/Config/);
    writeFileSync(
      join(folder, 'config.json'),
      '{ "$schema": "./draft.schema.json", "reward": "symmetry", "model": "./none" }',
    );
    const { stderr } = await runDraftHere(folder, ['train', '--config', 'config.json']);
    expect(stderr).toContain('no model folder ./none');
  });
});

describe('draft describe', () => {
  it('shows the card of a reward', async () => {
    const { stdout } = await runDraftHere(folder, ['describe', 'reward', 'symmetry']);
    expect(stdout).toMatch(/^ {2}measures {2}How little/m);
    expect(stdout).toMatch(/^ {2}range {5}at most 0; independent Gaussian pixels/m);
    expect(stdout).toMatch(/^ {2}weights {3}none$/m);
    expect(stdout).toMatch(/^ {2}hacking {3}Kaleidoscopes/m);
    const json = await runDraftHere(folder, ['describe', 'reward', 'symmetry', '--json']);
    expect(JSON.parse(json.stdout).card.range).toEqual([null, 0]);
  });
});
