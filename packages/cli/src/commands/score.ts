import { Command } from 'commander';
import { addFlags } from '../config/flags.js';
import { scoreOptions } from '../score/score-options.js';

const { images: _, prompts: __, ...flags } = scoreOptions;

/** `draft score`: what rewards say about existing pictures. */
export const scoreCommand = (): Command =>
  addFlags(
    new Command('draft score')
      .description('Score existing pictures: PNG, JPEG and WebP.')
      .option('--images <FILES...>', 'the pictures, or folders of them')
      .option('--prompts <TEXTS...>', 'one prompt for all, or one for each picture; or a text file of them'),
    flags,
  ).action(async (typed: Readonly<Record<string, unknown>>) => {
    const { scorePictures } = await import('../score/score-pictures.js');
    await scorePictures(typed, process.cwd());
  });
