import { Command } from 'commander';
import { diagnoseOptions } from '../config/diagnose-options.js';
import { addFlags } from '../config/flags.js';

/** `draft diagnose`: what the gradients of DRaFT-K look like for every K, and for every reward. */
export const diagnoseCommand = (): Command =>
  addFlags(
    new Command('draft diagnose')
      .description('Show how long gradients are and where they point, by trained steps and by reward.')
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module'),
    diagnoseOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { showDiagnosis } = await import('../run/show-diagnosis.js');
    await showDiagnosis(typed, process.cwd(), process.argv.slice(2));
  });
