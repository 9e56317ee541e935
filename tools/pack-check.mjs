// Packs every public package as it would be published, installs the packages into an empty project as a stranger
// would, and asks the installed command line what it sees. Needs a build: npm run build && node tools/pack-check.mjs
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

const manifests = readdirSync(packages)
  .map((folder) => ({
    folder: join(packages, folder),
    content: JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')),
  }))
  .filter(({ content }) => !content.private);

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
  run('npm', ['install', '--no-audit', '--no-fund', ...files], project);

  console.log('npx draft list');
  const listed = run('npx', ['draft', 'list'], project);
  console.log(listed);
  const { plugins, broken } = JSON.parse(run('npx', ['draft', 'list', '--json'], project));
  for (const { package: name, reason } of broken) fail(`${name} cannot be used: ${reason}`);
  let expected = 0;
  for (const { content } of manifests) {
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

  if (failures.length === 0) {
    console.log(`pack check passed: ${manifests.length} packages, ${expected} plugins listed`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;
