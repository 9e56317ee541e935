import { spawn } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FullSizeReward } from './full-size-reward.js';
import { gibibytes } from './process-memory.js';
import { rewardNames } from './reward-names.js';
import { type FullSizeReport, scorePictures } from './score-pictures.js';
import { makeTemporaryFolder } from './temporary-folder.js';

const load = async (name: string): Promise<FullSizeReward<unknown>> => {
  const module = (await import(`./rewards/${name}.js`)) as { readonly reward: FullSizeReward<unknown> };
  return module.reward;
};

/** Scores in a process of its own, which ends with this one. @returns What it prints. */
const scoreApart = (name: string, folder: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const program = [...process.execArgv, fileURLToPath(import.meta.url), '--score', name, folder];
    const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
    const end = () => child.kill();
    process.once('exit', end);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('error', reject);
    child.once('close', (status, signal) => {
      process.off('exit', end);
      if (status === 0) resolve(printed);
      else reject(new Error(`the process that scores ended with ${status ?? signal}`));
    });
  });

const columns = [
  'reward',
  'network',
  'numbers',
  'bytes of its files',
  'loaded',
  'first scored',
  'scored again',
  'peak memory',
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const spaced = (value: number): string => value.toLocaleString('en').replaceAll(',', ' ');

const took = (seconds: number): string => `${seconds.toFixed(1)} s`;

/** Writes, scores and removes one reward's checkpoint. @returns Its row of the table. */
async function prove(name: string): Promise<string> {
  const { network, write } = await load(name);
  const folder = makeTemporaryFolder();
  try {
    const { numbers, files } = write(folder);
    const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    const printed = await scoreApart(name, folder);
    const report = JSON.parse(printed.trim().split('\n').at(-1)!) as FullSizeReport;
    const { score, gradientNorm, loadSeconds, firstSeconds, againSeconds, peakBytes } = report;
    if (![score, gradientNorm].every(Number.isFinite) || !(gradientNorm > 0)) {
      throw new Error(`${name}: score ${score}, norm of its gradient ${gradientNorm}`);
    }
    const times = [loadSeconds, firstSeconds, againSeconds].map(took);
    return row([`\`${name}\``, network, spaced(numbers), spaced(bytes), ...times, gibibytes(peakBytes)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(given: readonly string[]): Promise<void> {
  if (given[0] === '--score') {
    const [, name = '', folder = ''] = given;
    const { plugin, options, pictures = 1 } = await load(name);
    console.log(JSON.stringify(await scorePictures(plugin, options(folder), pictures)));
    return;
  }
  const known: readonly string[] = rewardNames;
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`No such reward: ${unknown.join(', ')}. There are ${rewardNames.join(', ')}.`);
  console.log(row(columns));
  console.log(row(columns.map(() => '---')));
  for (const name of given.length > 0 ? given : rewardNames) console.log(await prove(name));
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
