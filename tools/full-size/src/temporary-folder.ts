import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'draft-full-size-';

/** Whether a process of this number runs, whoever's it is. */
const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes the folders of programs that were killed before they could do it themselves. @returns Their paths. */
export const removeAbandoned = (parent: string): readonly string[] => {
  const abandoned = readdirSync(parent)
    .filter((name) => {
      const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
      return pid !== undefined && !runs(Number(pid));
    })
    .map((name) => join(parent, name));
  for (const path of abandoned) rmSync(path, { recursive: true, force: true });
  return abandoned;
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes a temporary folder for gigabytes: it is removed when this program ends, by a signal too, and after a kill by the
 * next program that makes one.
 * @param parent Where. @default the system's place for temporary files
 */
export const makeTemporaryFolder = (parent: string = tmpdir()): string => {
  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of signals) process.once(signal, () => process.exit(128 + constants.signals[signal]));
  return folder;
};
