import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomically } from '@draft/core';
import { describeMachine, type Machine } from './machine.js';
import type { Row } from './table.js';

/** A row, and under which conditions it was measured. */
export interface Result extends Row {
  /** What we computed in. */
  readonly dtype: string;
  readonly threads: number | 'all';
  /** Multiplications and additions a second in large matrix products of that type. */
  readonly peak: number;
  readonly machine: Machine;
}

/** Adds results to a file, each as soon as it is there. */
export interface ResultsFile {
  add(result: Omit<Result, 'machine'>): void;
}

/**
 * Opens a file of results, or begins one.
 * @throws Error where the file holds something else, which is left as it is.
 */
export const openResults = (path: string): ResultsFile => {
  const refuse = (): never => {
    throw new Error(`${path} holds no results of this benchmark: give another --output.`);
  };
  const read = (): readonly Result[] => {
    if (!existsSync(path)) return [];
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      return refuse();
    }
    return Array.isArray(content) ? content : refuse();
  };
  read();
  return {
    add: (result) =>
      writeFileAtomically(
        path,
        `${JSON.stringify([...read(), { ...result, machine: describeMachine() }], null, 2)}\n`,
      ),
  };
};
