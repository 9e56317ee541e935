import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFromSource } from '../../draft.mjs';
import type { Example } from './examples.js';

/** What all runs have; what suits the miniature otherwise stands in its settings. */
const common = [
  ...['--batch', '4', '--evaluate', '9', '--guard', 'off', '--sample-every', '0'],
  ...['--checkpoint-every', '20', '--keep', '1'],
];

/** The arguments of `draft` that make the run. */
export const argumentsOf = ({ args }: Example): readonly string[] => ['train', ...common, ...args];

const noteName = 'example.json';

/** Whether a folder holds this run, begun or finished, and not another one of the same name. */
const holds = (folder: string, example: Example): boolean => {
  const note = join(folder, noteName);
  return existsSync(note) && readFileSync(note, 'utf8') === JSON.stringify(argumentsOf(example));
};

/** Whether the run is finished in this folder. */
export const isFinished = (folder: string, example: Example): boolean =>
  holds(folder, example) && existsSync(join(folder, 'summary.json'));

/** Makes the run, goes on with it, or leaves it alone where it is finished. @returns The exit status of `draft`. */
export const runExample = async (folder: string, example: Example): Promise<number> => {
  if (isFinished(folder, example)) return 0;
  const checkpoints = join(folder, 'checkpoints');
  if (holds(folder, example) && existsSync(checkpoints) && readdirSync(checkpoints).length > 0)
    return runFromSource(['train', '--resume', folder]);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, noteName), JSON.stringify(argumentsOf(example)));
  return runFromSource([...argumentsOf(example), '--output', folder]);
};
