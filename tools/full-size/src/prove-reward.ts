import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RewardPlugin } from '@draft/core';
import { writeRandomCheckpoint } from './random-checkpoint.js';
import { type FullSizeReport, scoreOne } from './score-one.js';

/** A reward whose network is tried at its published size. */
export interface FullSizeReward<Options> {
  readonly plugin: RewardPlugin<Options>;
  /** Names and shapes of the published checkpoint. */
  readonly keys: URL;
  /** What else lies beside the weights: JSON by name. */
  readonly files: Readonly<Record<string, unknown>>;
  /** Options besides the checkpoint. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * Writes random weights in the published layout to a temporary folder, has another process load them through the plugin
 * and score one picture, prints what that took, and removes the folder. Fails where the score is no finite number or has
 * no gradient.
 * @param module `import.meta.url` of the caller, which is the program of the other process too.
 */
export async function proveReward<Options>(module: string, reward: FullSizeReward<Options>): Promise<void> {
  const { plugin, keys, files, options = {} } = reward;
  const [, , given] = process.argv;
  if (given !== undefined) {
    console.log(JSON.stringify(await scoreOne(plugin, { ...options, checkpoint: given })));
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), `full-size-${plugin.name}-`));
  try {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'model.safetensors');
    const numbers = writeRandomCheckpoint(path, keys);
    for (const [name, json] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(json));
    console.log(
      `${plugin.name}: ${numbers.toLocaleString('en')} numbers in ${statSync(path).size.toLocaleString('en')} bytes`,
    );
    const child = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(module), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
    if (child.status !== 0) throw new Error(`the other process ended with ${child.status ?? child.signal}`);
    const report = JSON.parse(child.stdout.trim().split('\n').at(-1)!) as FullSizeReport;
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
