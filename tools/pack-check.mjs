// Packs every public package as it would be published, and uses the packages in projects of strangers: the command line
// by itself, with one reward at a time, and with everything, the packages of examples/ included, which are installed by
// their paths. Packages that draft new writes have to build, pass their tests, be checked and be packed by their own scripts.
// Needs a build: npm run build && node tools/pack-check.mjs
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { closureOf, readPackages, undeclaredImports } from './pack-check/packages.mjs';
import { fail, failures, npmJson, run } from './pack-check/run.mjs';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));
const root = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const kinds = ['models', 'checkpoints', 'samplers', 'algorithms', 'rewards'];
const randomModel = join(packages, 'models-stable-diffusion/test/fixtures/tiny/pipeline');
const least = ['--steps', '2', '--iterations', '1', '--batch', '1', '--evaluate', '1', '--guidance', '1'];

const manifests = readPackages(packages).filter(({ content }) => !content.private);
const strangers = readPackages(fileURLToPath(new URL('../examples/', import.meta.url)));

const lint = async (folder, content) => {
  const { messages } = await publint({ pkgDir: folder, strict: true });
  for (const message of messages) fail(`${content.name}: ${formatMessage(message, content)}`);
};

const scratch = mkdtempSync(join(tmpdir(), 'draft-pack-'));
const project = join(scratch, 'project');
const draft = (...args) => run(join(project, 'node_modules/.bin/draft'), args, project);
const readJson = (...path) => {
  const file = join(project, ...path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
};

const tarballs = {};
const pack = async ({ folder, content }) => {
  await lint(folder, content);
  if (existsSync(join(folder, 'dist'))) {
    for (const name of undeclaredImports({ folder, content })) {
      fail(`${content.name} imports ${name}, which is not among its dependencies`);
    }
  }
  const [packed] = npmJson(['pack', '--pack-destination', scratch], folder) ?? [];
  if (packed === undefined) return;
  tarballs[content.name] = `file:${join(scratch, packed.filename)}`;
  console.log(`packed ${content.name}: ${packed.files.length} files, ${Math.ceil(packed.size / 1e3)} kB`);
};

/** Makes the project one that depends on these packages, on what they say they need, and on nothing else of ours. */
const install = (names, others = {}) => {
  const own = closureOf(names, manifests).map((name) => [name, tarballs[name]]);
  const dependencies = { ...Object.fromEntries(own), ...others };
  writeFileSync(
    join(project, 'package.json'),
    `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`,
  );
  // Folders are copied, not linked: a link would lead back into the repository, and to its copy of core.
  run('npm', ['install', '--install-links', '--prefer-offline', '--no-audit', '--no-fund'], project);
};

const trainAlone = () => {
  console.log('draft train with the command line alone, on a model of random weights');
  const goal = ['--model', randomModel, '--prompts', 'a fox', '--reward', 'symmetry', '--output', 'trained'];
  console.log(
    draft('train', ...goal, ...least, '--backend', 'wasm')
      .trim()
      .split('\n')
      .at(-1),
  );
  if (!existsSync(join(project, 'trained', 'lora.safetensors'))) fail('draft train wrote no LoRA');
};

/** Scores a picture by a reward that reads weights, with those that its package names for draft check. */
const score = (packageName, id, { options = {} }) => {
  const settings = Object.entries(options).flatMap(([key, value]) => {
    const text =
      typeof value === 'string' ? value.replace(/^\.\//, `npm:${packageName}/`) : JSON.stringify(value);
    return ['--reward-set', `${id}.${key}=${text}`];
  });
  const picture = ['--images', 'trained/evaluation/before-train-00.png', '--prompts', 'a cat'];
  const said = draft('score', '--reward', id, ...settings, ...picture, '--backend', 'wasm', '--json');
  const value = said === '' ? undefined : JSON.parse(said).pictures[0]?.rewards[id];
  if (Number.isFinite(value)) console.log(`  ${id}: ${value}`);
  else fail(`draft score gives no number for ${id} of ${packageName}`);
};

const scoreOneByOne = () => {
  for (const { content } of manifests) {
    const checks = Object.entries(content.draft?.check ?? {});
    if (checks.length === 0) continue;
    console.log(`draft score with ${content.name} and nothing else`);
    install(['@draft/cli', content.name]);
    for (const [id, settings] of checks) score(content.name, id, settings);
  }
};

const listAll = () => {
  console.log('npx draft list');
  const listed = run('npx', ['draft', 'list'], project);
  console.log(listed);
  const { plugins, broken } = JSON.parse(draft('list', '--json'));
  for (const { package: name, reason } of broken) fail(`${name} cannot be used: ${reason}`);
  const expected = [...manifests, ...strangers].flatMap(({ content: { name, draft: brings = {} } }) =>
    kinds.flatMap((kind) => Object.keys(brings[kind] ?? {})).map((id) => ({ name, id })),
  );
  for (const { name, id } of expected) {
    if (!plugins.some((plugin) => plugin.package === name && plugin.id === id)) {
      fail(`draft list --json does not show ${id} of ${name}`);
    }
    if (!listed.includes(name)) fail(`draft list does not show ${name}`);
  }
  return expected.length;
};

const useStrangers = () => {
  console.log('draft train, on the miniature with the reward and the algorithm of strangers');
  const theirs = ['--reward', 'warmth', '--reward-set', 'warmth.amount=0.5', '--algorithm', 'every-other'];
  const small = ['--prompts', 'a fox', '--output', 'strange', '--sample-every', '0', '--backend', 'wasm'];
  console.log(
    draft('train', ...theirs, ...small, ...least)
      .trim()
      .split('\n')
      .at(-1),
  );
  const { after } = readJson('strange', 'summary.json') ?? {};
  if (!Number.isFinite(after?.rewards?.warmth)) fail('draft train did not use the reward of a stranger');
  for (const { content } of strangers) {
    console.log(`draft check node_modules/${content.name}`);
    console.log(draft('check', join('node_modules', content.name)).trim().split('\n').at(-1));
  }
};

/** What an author does with a new package: its own scripts, with what the project has installed. */
const writeNew = async (kind) => {
  console.log(`draft new ${kind}: npm test, npm run check, npm pack`);
  draft('new', kind, 'glow', '--output', kind);
  const folder = join(project, kind);
  run('npm', ['test'], folder);
  run('npm', ['run', 'check', '--', '--backend', 'wasm'], folder);
  // As if nothing were built: what packs it has to build it.
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const [packed] = npmJson(['pack', '--pack-destination', scratch], folder) ?? [];
  const names = packed?.files.map(({ path }) => path) ?? [];
  for (const name of ['dist/index.js', 'dist/index.d.ts', 'README.md']) {
    if (!names.includes(name)) fail(`the package that draft new writes for a ${kind} does not pack ${name}`);
  }
  const content = readJson(kind, 'package.json');
  await lint(folder, content);
  if (!content.license) fail(`the package that draft new writes for a ${kind} has no license`);
};

try {
  mkdirSync(project);
  for (const manifest of manifests) await pack(manifest);
  console.log('installing the command line into an empty project');
  install(['@draft/cli']);
  trainAlone();
  scoreOneByOne();
  console.log('installing everything');
  const theirs = strangers.map(({ folder, content }) => [content.name, `file:${folder}`]);
  const { typescript } = root.devDependencies;
  install(Object.keys(tarballs), { ...Object.fromEntries(theirs), typescript });
  const listed = listAll();
  console.log(draft('runtime', 'info'));
  useStrangers();
  for (const kind of ['reward', 'algorithm', 'sampler']) await writeNew(kind);
  if (failures.length === 0) {
    console.log(
      `pack check passed: ${manifests.length} packages and ${strangers.length} of strangers, ${listed} plugins listed`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;
