import { Command } from 'commander';
import { peakMemory } from '../../../packages/cli/src/compare/peak-memory.js';
import { addFlags } from '../../../packages/cli/src/config/flags.js';
import { trainOptions } from '../../../packages/cli/src/config/train-options.js';
import { reportError } from '../../../packages/cli/src/report-error.js';
import { trainRun } from '../../../packages/cli/src/run/train-run.js';

// One training run in a process of its own, so that its memory is its own. The last line says what it took.

const args = process.argv.slice(2);
const typed = addFlags(new Command('draft train').option('--resume <FOLDER>').exitOverride(), trainOptions)
  .parse(args, { from: 'user' })
  .opts();
const iterations: { readonly seconds: number; readonly residentBytes: number }[] = [];

try {
  await trainRun(typed, process.cwd(), ['train', ...args], (workbench) => ({
    ...workbench,
    async iterate() {
      const line = await workbench.iterate();
      iterations.push({ seconds: line.seconds, residentBytes: workbench.residentBytes() });
      return line;
    },
  }));
  process.stdout.write(`\n${JSON.stringify({ peakBytes: peakMemory(), iterations })}\n`);
  // What TensorFlow's threads still hold need not be waited for.
  process.exit(0);
} catch (error) {
  process.exitCode = reportError(error, 'train');
}
