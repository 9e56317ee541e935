#!/usr/bin/env node
// The two runs of docs/guard.md: one that cheats its reward and is caught, one that does not and is let through.
// node tools/guard-example.mjs [--output runs/guard] [--images docs/images]
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFromSource } from './draft.mjs';

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'runs/guard' },
    images: { type: 'string', default: 'docs/images' },
  },
});

const common = [
  ...['--steps', '10', '--iterations', '12', '--sample-every', '3', '--checkpoint-every', '0'],
  ...[
    '--batch',
    '4',
    '--evaluate',
    '4',
    '--guard',
    'warn',
    '--guard-samples',
    '3',
    '--watch-reward',
    'rotation',
  ],
];
const runs = {
  // The last step alone, fast, and nothing that holds it to the base model.
  cheating: [
    ...['--reward', 'compressibility', '--watch-reward', 'symmetry', '--algorithm', 'draft', '--set', 'k=1'],
    ...['--base-penalty', '0', '--learning-rate', '1e-2', ...common],
  ],
  // What the miniature recommends.
  honest: [
    ...['--reward', 'symmetry', '--watch-reward', 'compressibility', '--algorithm', 'drtune', ...common],
  ],
};

const short = (value) => (value === null ? '' : String(Number(value.toPrecision(3))));

/** The readings of a run as a table in Markdown. */
const table = (folder) => {
  const lines = readFileSync(join(folder, 'watch.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const watched = Object.keys(lines[0].train.watched);
  const head = ['iteration', 'reward', 'held-out', ...watched, 'diversity', 'steepness', 'signs'];
  const rows = lines.map(({ iteration, train, heldOut, diversity, steepness, signs }) => [
    iteration,
    short(train.reward.mean),
    short(heldOut?.reward.mean ?? null),
    ...watched.map((name) => short((heldOut ?? train).watched[name].mean)),
    short(diversity),
    short(steepness),
    signs.join(', '),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
};

mkdirSync(values.images, { recursive: true });
for (const [name, args] of Object.entries(runs)) {
  const folder = join(values.output, name);
  rmSync(folder, { recursive: true, force: true });
  const status = await runFromSource(['train', ...args, '--output', folder]);
  if (status !== 0) process.exit(status);
  copyFileSync(join(folder, 'samples/all.png'), join(values.images, `guard-${name}.png`));
  const { guard } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
  const best = existsSync(join(folder, 'lora.best.safetensors')) ? guard.best : 'none';
  console.log(
    `\n${name}: ${guard.signs.length > 0 ? 'caught' : 'let through'}, best ${best}\n\n${table(folder)}\n`,
  );
}
