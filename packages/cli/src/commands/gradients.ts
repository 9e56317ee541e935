import { Command } from 'commander';
import { addFlags } from '../config/flags.js';
import { gradientOptions } from '../config/gradient-options.js';

/** `draft gradients`: one estimate of the gradient that training would follow, and no update. */
export const gradientsCommand = (): Command =>
  addFlags(
    new Command('draft gradients')
      .description(
        'Estimate once the gradient of the mean reward in a LoRA, and keep it with all that it was computed from.',
      )
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module'),
    gradientOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { showGradients } = await import('../run/show-gradients.js');
    await showGradients(typed, process.cwd());
  });
