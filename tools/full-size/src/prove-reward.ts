import { spawn } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RewardPlugin } from '@draft/core';
import { writeRandomCheckpoint } from './random-checkpoint.js';
import { type FullSizeReport, scoreOne } from './score-one.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** A reward whose network is tried at its published size. */
export interface FullSizeReward<Options> {
  readonly plugin: RewardPlugin<Options>;
  /** Names and shapes of the published checkpoint. */
  readonly keys: URL;
  /** What else lies beside the weights: JSON by name. */
  readonly files: Readonly<Record<string, unknown>>;
  /** Writes what else is needed into the folder of the weights. */
  readonly writeMore?: (folder: string) => void;
  /** Options besides the checkpoint, of the folder of the weights. */
  readonly options?: (folder: string) => Readonly<Record<string, unknown>>;
}

/** Runs this program in a process of its own, which ends with this one. @returns What it prints. */
const runAgain = (module: string, folder: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(module), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => child.kill());
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('error', reject);
    child.once('close', (status, signal) =>
      status === 0 ? resolve(printed) : reject(new Error(`the other process ended with ${status ?? signal}`)),
    );
  });

/**
 * Writes random weights in the published layout to a temporary folder, has another process load them through the plugin
 * and score one picture, prints what that took, and removes the folder. Fails where the score is no finite number or has
 * no gradient.
 * @param module `import.meta.url` of the caller, which is the program of the other process too.
 */
export async function proveReward<Options>(module: string, reward: FullSizeReward<Options>): Promise<void> {
  const { plugin, keys, files, writeMore, options } = reward;
  const [, , given] = process.argv;
  if (given !== undefined) {
    console.log(JSON.stringify(await scoreOne(plugin, { ...options?.(given), checkpoint: given })));
    return;
  }
  const folder = makeTemporaryFolder();
  try {
    const path = join(folder, 'model.safetensors');
    const numbers = writeRandomCheckpoint(path, keys);
    for (const [name, json] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(json));
    writeMore?.(folder);
    console.log(
      `${plugin.name}: ${numbers.toLocaleString('en')} numbers in ${statSync(path).size.toLocaleString('en')} bytes`,
    );
    const printed = await runAgain(module, folder);
    const report = JSON.parse(printed.trim().split('\n').at(-1)!) as FullSizeReport;
    if (
      !Number.isFinite(report.score) ||
      !(report.gradientNorm > 0) ||
      !Number.isFinite(report.gradientNorm)
    ) {
      throw new Error(`score ${report.score}, norm of its gradient ${report.gradientNorm}`);
    }
    console.log(
      `  loaded in ${report.loadSeconds.toFixed(1)} s; scored ${report.score.toPrecision(6)} with a gradient of norm ` +
        `${report.gradientNorm.toPrecision(4)} in ${report.scoreSeconds.toFixed(1)} s, recording included; ` +
        `at most ${(report.peakBytes / 2 ** 30).toFixed(2)} GiB of memory`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
