import { Command } from 'commander';
import { addFlags } from '../config/flags.js';
import { trainOptions } from '../config/train-options.js';

/** `draft train`: fine-tunes a model on rewards. */
export const trainCommand = (): Command =>
  addFlags(
    new Command('draft train')
      .description('Fine-tune a model on rewards; the result is a run folder with a LoRA.')
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module')
      .option('--resume <FOLDER>', 'go on with the run in this folder, from its latest checkpoint'),
    trainOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { trainRun } = await import('../run/train-run.js');
    const finished = await trainRun(typed, process.cwd(), process.argv.slice(2));
    // What a shell expects after Ctrl-C.
    if (!finished) process.exitCode = 130;
  });
