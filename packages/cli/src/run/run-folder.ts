import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { DraftError, explainFileError } from '@draft/core';
import { makeFolder, refuseFile } from './make-folder.js';

/** The places of a run folder. */
export interface RunFolder {
  /** Absolute path. */
  readonly path: string;
  /** As a user would type it. */
  readonly shown: string;
  file(...parts: readonly string[]): string;
}

/** The places of a folder, whatever it holds. @param path Absolute. */
export const openFolder = (path: string, cwd: string): RunFolder => {
  const inside = relative(cwd, path);
  return {
    path,
    shown: inside === '' ? '.' : inside.startsWith('..') ? path : inside,
    file: (...parts) => join(path, ...parts),
  };
};

const holdsRun = (path: string): boolean =>
  ['config.json', 'metrics.jsonl', 'checkpoints'].some((name) => existsSync(join(path, name)));

const two = (value: number): string => String(value).padStart(2, '0');

/** `2026-11-21-104530` in local time. */
export const timeStamp = (now: Date): string =>
  `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;

const taken = ({ shown }: RunFolder): DraftError =>
  new DraftError(
    'DRAFT_OUTPUT_TAKEN',
    `${shown} already holds a run: continue it with --resume ${shown}, or choose another --output.`,
  );

/** @throws DraftError `DRAFT_OUTPUT_TAKEN` where a folder holds a run already, `DRAFT_OUTPUT_FILE` where it is none. */
export const refuseTaken = (output: string, cwd: string): void => {
  const folder = openFolder(resolve(cwd, output), cwd);
  refuseFile(folder.path);
  if (holdsRun(folder.path)) throw taken(folder);
};

/**
 * Makes the folder of a new run: the one that was asked for, or a new one in `runs/`.
 * @param label Ends the name of a new folder: `symmetry-drtune`.
 * @throws DraftError `DRAFT_OUTPUT_TAKEN` where the folder holds a run already, or an error of the disk.
 */
export const createRunFolder = (
  output: string | undefined,
  label: string,
  cwd: string,
  now: Date,
): RunFolder => {
  const name = `${timeStamp(now)}-${label.replace(/[^\w.-]+/g, '-')}`;
  let path = resolve(cwd, output ?? join('runs', name));
  for (let i = 2; output === undefined && existsSync(path); i += 1)
    path = resolve(cwd, 'runs', `${name}-${i}`);
  const folder = openFolder(path, cwd);
  if (holdsRun(path)) throw taken(folder);
  makeFolder(path);
  return folder;
};

/** Opens the folder of a run to continue it. @throws DraftError `DRAFT_RESUME_MISSING` where there is none. */
export const openRunFolder = (request: string, cwd: string): RunFolder => {
  const folder = openFolder(resolve(cwd, request), cwd);
  if (!holdsRun(folder.path)) {
    throw new DraftError('DRAFT_RESUME_MISSING', `${request} holds no run that could be continued.`);
  }
  return folder;
};

/** Reads a JSON file of a run. @throws DraftError that names the file. */
export const readRunJson = (path: string): unknown => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DraftError('DRAFT_RUN_DAMAGED', `${path} is not valid JSON: the run cannot be continued.`, {
      cause,
    });
  }
};
