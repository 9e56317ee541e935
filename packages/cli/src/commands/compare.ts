import { Command } from 'commander';
import { compareOptions } from '../config/compare-options.js';
import { addFlags } from '../config/flags.js';

/** `draft compare`: trains with several algorithms on the same prompts, seeds and number of reward queries. */
export const compareCommand = (): Command =>
  addFlags(
    new Command('draft compare')
      .description('Compare algorithms on the same prompts, seeds and number of reward queries.')
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module')
      .option('--resume <FOLDER>', 'go on with the comparison in this folder; --algorithms are added to it'),
    compareOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { compareAlgorithms } = await import('../compare/compare-algorithms.js');
    const finished = await compareAlgorithms(typed, process.cwd(), process.argv.slice(2));
    // What a shell expects after Ctrl-C.
    if (!finished) process.exitCode = 130;
  });
