import { Command } from 'commander';
import { addFlags } from '../config/flags.js';
import { trainOptions } from '../config/train-options.js';

/** `draft plan`: what a training run will take, before anything is loaded. */
export const planCommand = (): Command =>
  addFlags(
    new Command('draft plan')
      .description(
        'Estimate the memory and time that a training run takes, and choose settings that fit, before a weight is loaded.',
      )
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module')
      .option('--json', 'print JSON'),
    trainOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { planRun } = await import('../plan/plan-run.js');
    await planRun(typed, process.cwd());
  });
