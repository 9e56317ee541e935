import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraft, runDraftHere } from './draft-process.js';

const installed = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const tiny = fileURLToPath(
  new URL('../../models-stable-diffusion/test/fixtures/tiny/pipeline', import.meta.url),
);

let folder = '';
const write = (name: string, content: unknown): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
};

/** A reward that scores its own number, as a value and as a module. */
const constant = (name: string, value: number) => `{
  specVersion: 1, kind: 'reward', name: '${name}', description: 'Always ${value}.',
  options: z.strictObject({ plus: z.number().default(0).describe('Is added.') }),
  create: ({ plus }) => ({
    differentiable: true, perSample: true, dispose() {},
    score: (images) => tf.tidy(() => tf.add(tf.mul(tf.mean(images, [1, 2, 3]), 0), ${value} + plus)),
  }),
}`;
const imports = `import { tf } from '@draft/core';\nimport { z } from 'zod';\n`;

const bare = (name: string, value: number) => `export default {
  specVersion: 1, kind: 'reward', name: '${name}', description: 'Always ${value}.', create() {},
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
};`;

const plant = (at: string, name: string, id: string, value: number): void => {
  write(`${at}/package.json`, {
    ...{ name, version: '1.0.0', type: 'module' },
    draft: { apiVersion: 1, rewards: { [id]: { entry: './index.js', summary: `Always ${value}.` } } },
  });
  const whole = `${imports} export default ${constant(id, value)};`;
  // The tests' own process has no core for what lies in node_modules, where nothing is built.
  write(`${at}/index.js`, at.startsWith('node_modules') ? bare(id, value) : whole);
};

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-places-')));
  // What npm install would bring.
  for (const name of ['@draft', 'zod', '@tensorflow']) {
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  }
  plant('node_modules/draft-reward-flat', 'draft-reward-flat', 'flat', 1);
  plant('node_modules/@acme/draft-reward-flat', '@acme/draft-reward-flat', 'flat', 2);
  plant('elsewhere', 'oddly-named', 'odd', 3);
  write('places.yaml', 'reward: odd\nplugins: [./elsewhere, draft-reward-flat]\n');
  write(
    'objects.mjs',
    `${imports} const own = ${constant('own', 5)};
    export default { reward: 'own', plugins: [own, './elsewhere'], discover: false };`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const here = (...args: string[]) => runDraftHere(folder, args);
const rewards = async (...args: string[]) => {
  const { stdout, stderr } = await here('list', 'rewards', '--json', ...args);
  expect(stderr).toBe('');
  return JSON.parse(stdout).plugins.map(
    ({ id, package: name, origin }: Readonly<Record<string, string>>) => `${id} ${name} ${origin}`,
  );
};

describe('draft list', () => {
  it('shows what only --plugins and a config know', async () => {
    const plain = await rewards();
    expect(plain).toContain('flat draft-reward-flat project');
    expect(plain.join()).not.toContain('odd');
    expect(await rewards('--plugins', './elsewhere')).toContain('odd oddly-named requested');
    expect(await rewards('--config', 'places.yaml')).toEqual(
      expect.arrayContaining([
        'odd oddly-named requested',
        'flat draft-reward-flat requested',
        'flat @acme/draft-reward-flat project',
      ]),
    );
    expect(await rewards('--config', 'objects.mjs')).toContain('own ./objects.mjs requested');
  });

  it('looks no further with --no-discover, or as a config says', async () => {
    const told = await rewards('--no-discover', '--plugins', './elsewhere');
    expect(told).toContain('odd oddly-named requested');
    expect(told).toContain('symmetry @draft/reward-symmetry bundled');
    expect(told.join()).not.toMatch(/flat|pickscore/);
    expect((await rewards('--config', 'objects.mjs')).join()).not.toMatch(/flat/);
  });
});

describe('draft describe', () => {
  it('finds what only --plugins and a config know, and settles a tie by them', async () => {
    const described = async (...args: string[]) => (await here('describe', 'reward', ...args)).stdout;
    expect(await described('odd', '--plugins', './elsewhere')).toContain('reward odd  (oddly-named 1.0.0)');
    expect(await described('own', '--config', 'objects.mjs')).toContain('reward own  (./objects.mjs)');
    expect(await described('flat', '--config', 'places.yaml')).toContain('(draft-reward-flat 1.0.0)');
    expect(await described('flat', '--plugins', '@acme/draft-reward-flat')).toContain('Always 2.');
    const { stderr } = await here('describe', 'reward', 'flat');
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(/Several packages bring a reward called "flat".*--plugins\.$/m);
  });
});

describe('draft schema', () => {
  const schemaOf = async (...args: string[]) => JSON.parse((await here('schema', ...args)).stdout);

  it('has the options of what only a config knows', async () => {
    const { properties } = await schemaOf('--config', 'objects.mjs');
    expect(properties.rewardSet.properties.own.properties.plus.type).toBe('number');
    expect(properties.plugins.items.type).toBe('string');
    expect(properties.discover).toMatchObject({
      default: true,
      description: expect.stringMatching(/^false: look for plugins only there/),
    });
  });

  it('has the options of each command that reads configs', async () => {
    const evaluation = await schemaOf('evaluate', '--no-discover');
    expect(evaluation.title).toBe('Config of draft evaluate');
    expect(evaluation.properties).toHaveProperty('scales');
    expect(evaluation.properties).not.toHaveProperty('algorithm');
    const comparison = await schemaOf('compare', '--no-discover');
    expect(JSON.stringify(comparison.properties.algorithms)).toContain('"const":"drtune"');
    expect(comparison.allOf.every((rule: object) => !JSON.stringify(rule).includes('"set"'))).toBe(true);
    for (const command of ['generate', 'gradients', 'diagnose', 'plan']) {
      const { title, properties } = await schemaOf(command, '--no-discover');
      expect(title).toBe(`Config of draft ${command === 'plan' ? 'train' : command}`);
      expect(properties).toHaveProperty('sampler');
    }
  });

  it('refuses a command that reads none', async () => {
    const { stderr } = await here('schema', 'scor');
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toContain('draft scor reads no config: they do: train, generate,');
    expect((await here('schema', 'evalute')).stderr).toContain('did you mean evaluate?');
  });
});

describe('an unknown reward', () => {
  it('is refused with what there is, where that was looked for, and who asked', async () => {
    write('wrong.yaml', 'iterations: 3\nreward:\n  - symmetry\n  - symetry:2\n');
    const { stderr } = await here('train', '--config', 'wrong.yaml', '--prompts', 'a fox', '--model', tiny);
    const [sentence, ...hints] = stderr.trimEnd().split('\n');
    expect(sentence).toMatch(
      /^error: No reward is called "symetry": did you mean "symmetry" \(@draft\/reward-symmetry \d+\.\d+\.\d+\)\?$/,
    );
    expect(hints).toHaveLength(4);
    expect(hints[0]).toMatch(/^ {2}Installed rewards: .*flat.*symmetry/);
    expect(hints[1]).toContain(`  Looked in: ${join(folder, 'node_modules')}`);
    expect(hints[2]).toMatch(/^ {2}A reward from npm is usually called draft-reward-NAME/);
    expect(hints[3]).toBe('  Asked for by: "reward" in wrong.yaml:4:5');
    const flags = await here('train', '--reward', 'symetry', '--prompts', 'a fox', '--model', tiny);
    expect(flags.stderr).toContain('\n  Asked for by: --reward on the command line\n');
    const asked = await here('describe', 'sampler', 'dim');
    expect(asked.stderr).toContain('\n  Asked for by: draft describe sampler\n');
  });
});

describe('a config that holds plugins', () => {
  const quick = [
    ...['--model', tiny, '--steps', '2', '--guidance', '1', '--batch', '1', '--prompts', 'a fox'],
    ...['--iterations', '1', '--evaluate', '1', '--rank', '2', '--sample-every', '0', '--guard', 'off'],
  ];

  it('is trained on, and the run goes on with them', () => {
    const begun = runDraft(folder, ['train', '--config', 'objects.mjs', '--output', 'run', ...quick]);
    expect(begun.stderr).toBe('');
    const config = JSON.parse(readFileSync(join(folder, 'run/config.json'), 'utf8'));
    expect(config.options).toMatchObject({ plugins: ['./objects.mjs', './elsewhere'], discover: false });
    expect(config.versions).toMatchObject({ 'reward own': './objects.mjs' });
    expect(config.pluginPaths).toMatchObject({
      'reward own': join(folder, 'objects.mjs'),
      'sampler ddim': expect.stringMatching(/samplers-ddim/),
    });
    const summary = () => JSON.parse(readFileSync(join(folder, 'run/summary.json'), 'utf8'));
    expect(summary().after.rewards).toEqual({ own: 5 });
    // What is passed on does not say where things lie.
    expect(readFileSync(join(folder, 'run/report.html'), 'utf8')).not.toContain('pluginPaths');
    const goneOn = runDraft(folder, ['train', '--resume', 'run', '--iterations', '2']);
    expect(goneOn.stderr).toBe('');
    expect(summary()).toMatchObject({ iterations: 2, after: { rewards: { own: 5 } } });
  });

  it.each([
    [
      '{ kind: "reward" }',
      /broken-\d+\.mjs: "plugins\.1" is no plugin: it has specVersion undefined instead of 1/,
    ],
    [
      '{ kind: "rewrad", name: 1 }',
      /"plugins\.1" is no plugin: it has the kind "rewrad", none of model, sampler/,
    ],
    ['3', /broken-\d+\.mjs: "plugins\.1" expected a string \(given: 3\)/],
  ])('is refused where one is none: %s', async (value, reason) => {
    // Node imports a module once.
    const file = `broken-${value.length}.mjs`;
    write(file, `export default { reward: 'odd', plugins: ['./elsewhere', ${value}] };`);
    const { stderr } = await here('train', '--config', file);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(reason);
  });
});

describe('rewards that are called otherwise', () => {
  const quick = ['--model', tiny, '--steps', '2', '--guidance', '1', '--prompts', 'a fox', '--rank', '2'];
  const from = ['--plugins', './elsewhere', '--no-discover'];

  it('may be given twice, with options of their own', async () => {
    const two = ['--reward', 'odd:2', '--reward', 'more=odd:0.5', '--reward-set', 'more.plus=0.25'];
    const { stdout, stderr } = runDraft(folder, ['gradients', ...quick, ...two, ...from, '--json']);
    expect(stderr).not.toContain('error');
    expect(JSON.parse(stdout).rewards).toEqual([2 * 3 + 0.5 * 3.25]);
    expect(JSON.parse(stdout).scores).toEqual({ odd: [3], more: [3.25] });
  });

  it.each([
    [['--reward', 'odd', '--reward', 'odd:2'], /The reward "odd" is given twice.*as in again=odd\.$/m],
    [['--reward', 'a=odd', '--reward', 'a=symmetry'], /The reward "a" is given twice/],
    [['--reward', 'symmetry=odd'], /"odd" cannot be called "symmetry", which is another reward/],
    [['--reward', 'a=odd', '--reward-set', 'odd.plus=1'], /no reward "odd" to set options of: it has a\./],
  ])('are refused: %j', async (args, reason) => {
    const { stderr } = await here('gradients', ...quick, ...from, ...args);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(reason);
  });

  it('says that one reward has nothing to be normalised to', async () => {
    const { stdout } = await here(
      ...['train', ...quick, ...from, '--reward', 'odd', '--normalise-rewards', '--lora', 'none.safetensors'],
    );
    expect(stdout).toContain('--normalise-rewards changes nothing: there is one reward.');
  });
});
