import { join } from 'node:path';
import { openFolder, type RunFolder } from '../run/run-folder.js';
import type { Contender } from './prepare-contenders.js';

/** One of a comparison's folders. */
export interface Place {
  /** From the comparison's folder. */
  readonly relative: string;
  readonly folder: RunFolder;
}

/** Where a comparison keeps what it trains. */
export interface ComparisonPlaces {
  readonly folder: RunFolder;
  /** What was measured before training; absolute. */
  readonly base: string;
  /** One of those that are compared. */
  run(contender: Contender, seed: number): Place;
  /** A trial of a learning rate. */
  trial(contender: Contender, learningRate: number): Place;
  /** A folder that `compare.json` names. */
  open(relative: string): RunFolder;
}

/** The places in a comparison's folder. */
export const placesIn = (folder: RunFolder, cwd: string): ComparisonPlaces => {
  const open = (relative: string): RunFolder => openFolder(folder.file(relative), cwd);
  const place = (...parts: readonly string[]): Place => {
    const relative = join(...parts);
    return { relative, folder: open(relative) };
  };
  return {
    folder,
    base: folder.file('base'),
    run: ({ id }, seed) => place('runs', id, `seed-${seed}`),
    trial: ({ id }, rate) => place('tuning', id, String(rate)),
    open,
  };
};
