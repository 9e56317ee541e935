import { Command } from 'commander';
import { addFlags } from '../config/flags.js';
import { generateOptions } from '../config/generate-options.js';

/** `draft generate`: makes pictures. */
export const generateCommand = (): Command =>
  addFlags(
    new Command('draft generate')
      .description('Make pictures from prompts, with or without a LoRA.')
      .option('--config <FILE>', 'read options from YAML, JSON, or a TypeScript or JavaScript module'),
    generateOptions,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { generatePictures } = await import('../run/generate-pictures.js');
    await generatePictures(typed, process.cwd());
  });
