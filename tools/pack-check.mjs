// Packs every public package as it would be published, installs the packages into an empty project as a stranger
// would, together with the packages of examples/ by their paths, and has the installed command line find, check and
// use them; packages that draft new writes there have to build, pass their tests and pack.
// Needs a build: npm run build && node tools/pack-check.mjs
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const examples = fileURLToPath(new URL('../examples/', import.meta.url));
const typescript = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const kinds = ['models', 'checkpoints', 'samplers', 'algorithms', 'rewards'];
const randomModel = join(packages, 'models-stable-diffusion/test/fixtures/tiny/pipeline');
const failures = [];

const fail = (message) => {
  failures.push(message);
  console.error(`failed: ${message}`);
};

// Nothing of the repository may leak into the stranger's project: no source mode, no npm settings of a parent.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => name !== 'DRAFT_SOURCE' && !/^npm_(package|lifecycle)/.test(name),
  ),
);

const run = (command, args, cwd) => {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', env: environment });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    fail(`${command} ${args.join(' ')} ended with ${result.status}\n${result.stdout}${result.stderr}`);
  }
  return result.stdout;
};

const read = (parent) =>
  readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      folder: join(parent, name),
      content: JSON.parse(readFileSync(join(parent, name, 'package.json'), 'utf8')),
    }));

const manifests = read(packages).filter(({ content }) => !content.private);
const strangers = read(examples);

const scratch = mkdtempSync(join(tmpdir(), 'draft-pack-'));
try {
  const tarballs = join(scratch, 'tarballs');
  const project = join(scratch, 'project');
  mkdirSync(tarballs);
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');

  for (const { folder, content } of manifests) {
    const { messages } = await publint({ pkgDir: folder, strict: true });
    for (const message of messages) fail(`${content.name}: ${formatMessage(message, content)}`);
    const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', tarballs], folder));
    console.log(`packed ${content.name}: ${packed.files.length} files, ${Math.ceil(packed.size / 1e3)} kB`);
  }

  console.log('installing them into an empty project');
  const files = readdirSync(tarballs).map((name) => `../tarballs/${name}`);
  // Copied, not linked: a link would lead back into the repository, and to its copy of core.
  const copies = ['--install-links', ...strangers.map(({ folder }) => folder)];
  run('npm', ['install', '--no-audit', '--no-fund', ...files, ...copies], project);

  console.log('npx draft list');
  const listed = run('npx', ['draft', 'list'], project);
  console.log(listed);
  const { plugins, broken } = JSON.parse(run('npx', ['draft', 'list', '--json'], project));
  for (const { package: name, reason } of broken) fail(`${name} cannot be used: ${reason}`);
  let expected = 0;
  for (const { content } of [...manifests, ...strangers]) {
    for (const id of kinds.flatMap((kind) => Object.keys(content.draft?.[kind] ?? {}))) {
      expected += 1;
      if (!plugins.some((plugin) => plugin.package === content.name && plugin.id === id)) {
        fail(`draft list --json does not show ${id} of ${content.name}`);
      }
      if (!listed.includes(content.name)) fail(`draft list does not show ${content.name}`);
    }
  }
  console.log('npx draft runtime info');
  console.log(run('npx', ['draft', 'runtime', 'info'], project));

  console.log('npx draft train, on a model of random weights');
  const least = ['--steps', '2', '--iterations', '1', '--batch', '1', '--evaluate', '1', '--guidance', '1'];
  const goal = ['--model', randomModel, '--prompts', 'a fox', '--reward', 'symmetry', '--output', 'trained'];
  console.log(run('npx', ['draft', 'train', ...goal, ...least, '--backend', 'wasm'], project));
  if (!existsSync(join(project, 'trained', 'lora.safetensors'))) fail('draft train wrote no LoRA');

  console.log('npx draft train, on the miniature with the reward and the algorithm of strangers');
  const theirs = ['--reward', 'warmth', '--reward-set', 'warmth.amount=0.5', '--algorithm', 'every-other'];
  const small = ['--prompts', 'a fox', '--output', 'strange', '--sample-every', '0', '--backend', 'wasm'];
  console.log(run('npx', ['draft', 'train', ...theirs, ...small, ...least], project));
  const summary = join(project, 'strange', 'summary.json');
  const after = existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')).after : undefined;
  if (!Number.isFinite(after?.rewards?.warmth)) fail('draft train did not use the reward of a stranger');

  for (const { content } of strangers) {
    console.log(`npx draft check node_modules/${content.name}`);
    const said = run('npx', ['draft', 'check', join('node_modules', content.name)], project);
    console.log(said.trim().split('\n').at(-1));
  }

  for (const kind of ['reward', 'algorithm', 'sampler']) {
    console.log(`npx draft new ${kind}: build, test, pack`);
    run('npx', ['draft', 'new', kind, 'glow', '--output', kind], project);
    const folder = join(project, kind);
    run(process.execPath, [typescript, '-p', folder], project);
    run(process.execPath, ['--test', 'test/glow.test.mjs'], folder);
    const [packed] = JSON.parse(run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], folder));
    const names = packed?.files.map(({ path }) => path) ?? [];
    for (const name of ['dist/index.js', 'dist/index.d.ts', 'README.md']) {
      if (!names.includes(name))
        fail(`the package that draft new writes for a ${kind} does not pack ${name}`);
    }
  }

  if (failures.length === 0) {
    console.log(
      `pack check passed: ${manifests.length} packages and ${strangers.length} of strangers, ${expected} plugins listed`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;
