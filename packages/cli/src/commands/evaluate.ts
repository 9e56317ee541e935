import { Command } from 'commander';
import { evaluateOptions } from '../config/evaluate-options.js';
import { addFlags } from '../config/flags.js';

/** `draft evaluate`: compares a model with and without LoRAs on sets of prompts. */
export const evaluateCommand = (): Command =>
  addFlags(
    new Command('draft evaluate')
      .description('Compare LoRAs, at several scales, and strategies with the base model on sets of prompts.')
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module')
      .option('--resume <FOLDER>', 'go on with the evaluation in this folder'),
    evaluateOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { evaluateModel } = await import('../evaluate/evaluate-model.js');
    const finished = await evaluateModel(typed, process.cwd(), process.argv.slice(2));
    // What a shell expects after Ctrl-C.
    if (!finished) process.exitCode = 130;
  });
