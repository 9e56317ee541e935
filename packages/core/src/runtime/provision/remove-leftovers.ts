import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../../files/is-alive.js';

/** A folder beside an installation that this process works in; the name tells whose it is. */
export const workFolder = (folder: string, kind: 'partial' | 'replaced'): string =>
  `${folder}.${kind}-${process.pid}`;

/** Removes what processes that are gone have left beside an installation. */
export const removeLeftovers = (folder: string): void => {
  let names: string[];
  try {
    names = readdirSync(dirname(folder));
  } catch {
    return;
  }
  for (const name of names) {
    if (!name.startsWith(`${basename(folder)}.`)) continue;
    const owner = /\.(?:partial|replaced)-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    try {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    } catch {
      // Another process is at it.
    }
  }
};
