#!/usr/bin/env node
// Kills training runs (SIGKILL) at random moments, goes on with each, and compares what they leave with an
// undisturbed run, byte by byte: node tools/kill-resume.mjs [--kills 20] [--seed 1] [--keep-runs FOLDER]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const main = here('../packages/cli/src/main.ts');
const tiny = here('../packages/models-stable-diffusion/test/fixtures/tiny/pipeline');

/** Everything that a run can remember: moments, a moving average, dropout, running norms, the guard and its best LoRA. */
const training = [
  ...['--model', tiny, '--steps', '2', '--guidance', '1', '--batch', '1', '--rank', '2', '--seed', '3'],
  ...['--reward', 'symmetry', '--reward', 'rotation', '--normalise-rewards'],
  ...['--algorithm', 'drtune', '--set', 'k=1', '--sampler', 'ddpm', '--kl-penalty', '0.1'],
  ...['--lora-dropout', '0.2', '--ema', '0.8', '--guard-samples', '2', '--tensorboard'],
  ...['--prompts', 'a fox', '--held-out', 'a bee', '--evaluate', '1', '--reward-dropout', '0.2'],
  ...['--iterations', '5', '--sample-every', '2', '--checkpoint-every', '2', '--keep', '2'],
];

/** Runs the command line; `onStart` gets the process. Resolves to its exit status, or the signal that ended it. */
const draft = (args, onStart = () => {}) =>
  new Promise((resolve, reject) => {
    const node = ['--conditions=@draft/source', '--import', import.meta.resolve('tsx'), main];
    const child = spawn(process.execPath, [...node, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // The model is so small that recording graphs would take longer than computing.
      env: { DRAFT_BACKEND: 'wasm', ...process.env, DRAFT_SOURCE: '1' },
    });
    let problem = '';
    child.stderr.on('data', (text) => {
      problem += text;
    });
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve({ status, signal, problem }));
    onStart(child);
  });

const started = (folder) => existsSync(join(folder, 'config.json'));

/** Waits until a run has begun, or `isOver`. */
const begin = async (folder, isOver) => {
  while (!started(folder) && !isOver()) await wait(2);
};

const filesIn = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });

/** What is told when and where rather than what was computed. */
const circumstances = /^(config\.json|report\.html|lock|tensorboard\/.*)$/;

/** A hash of each file that a run leaves, without the seconds in it. */
const endOf = (folder) =>
  Object.fromEntries(
    filesIn(folder)
      .map((path) => [relative(folder, path).replaceAll('\\', '/'), path])
      .filter(([name]) => !circumstances.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, path]) => {
        const timed = /^(metrics\.jsonl|summary\.json)$/.test(name);
        const bytes = readFileSync(path);
        const text = timed ? bytes.toString().replace(/"seconds": ?[\d.e+-]+/g, '"seconds":0') : bytes;
        return [name, createHash('sha256').update(text).digest('hex')];
      }),
  );

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
const createRandom = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
};

const orThrow = ({ status, signal, problem }, what) => {
  if (status !== 0) throw new Error(`${what} ended with ${signal ?? status}: ${problem.trim()}`);
};

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    'keep-runs': { type: 'string' },
  },
});
const kept = values['keep-runs'];
const root = kept ?? mkdtempSync(join(tmpdir(), 'draft-kill-'));
if (kept) mkdirSync(kept, { recursive: true });
const random = createRandom(Number(values.seed));
try {
  const whole = join(root, 'whole');
  let since = 0;
  let over = false;
  const undisturbed = draft(['train', ...training, '--output', whole]).finally(() => {
    over = true;
  });
  await begin(whole, () => over);
  since = performance.now();
  orThrow(await undisturbed, 'The undisturbed run');
  let span = performance.now() - since;
  const expected = endOf(whole);
  console.log(`undisturbed: ${Object.keys(expected).length} files, ${(span / 1000).toFixed(1)} s`);

  let different = 0;
  for (let kill = 1; kill <= Number(values.kills); ) {
    const folder = join(root, `kill-${kill}`);
    const share = random();
    let gone = false;
    let process_;
    const killed = draft(['train', ...training, '--output', folder], (child) => {
      process_ = child;
    }).finally(() => {
      gone = true;
    });
    await begin(folder, () => gone);
    const from = performance.now();
    await Promise.race([wait(share * span), killed]);
    const at = performance.now() - from;
    process_.kill('SIGKILL');
    const first = await killed;
    if (first.signal !== 'SIGKILL') {
      // It was quicker than the undisturbed one: the moment was no moment of it.
      orThrow(first, 'A run that was to be killed');
      span = Math.min(span, at);
      rmSync(folder, { recursive: true });
      continue;
    }
    const metrics = join(folder, 'metrics.jsonl');
    const done = existsSync(metrics) ? readFileSync(metrics, 'utf8').split('\n').length - 1 : 0;
    const checkpoints = join(folder, 'checkpoints');
    const saved = existsSync(checkpoints)
      ? readdirSync(checkpoints).filter((name) => /^\d+$/.test(name))
      : [];
    orThrow(await draft(['train', '--resume', folder]), `Going on after kill ${kill}`);
    const end = endOf(folder);
    const names = [...new Set([...Object.keys(expected), ...Object.keys(end)])];
    const wrong = names.filter((name) => expected[name] !== end[name]);
    different += wrong.length === 0 ? 0 : 1;
    const point = `${(at / 1000).toFixed(2)} s, after iteration ${done}, latest checkpoint ${saved.sort().at(-1) ?? 'none'}`;
    console.log(
      `kill ${kill} at ${point}: ${wrong.length === 0 ? 'the same' : `different in ${wrong.join(', ')}`}`,
    );
    if (!kept) rmSync(folder, { recursive: true });
    kill += 1;
  }
  console.log(`${values.kills} kills, ${different} different`);
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  if (!kept) rmSync(root, { recursive: true, force: true });
}
