import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { DraftError } from '@draft/core/plugins';
import { refuseFile } from '../run/make-folder.js';
import { openFolder, type RunFolder, readRunJson } from '../run/run-folder.js';
import { type EvaluationRecord, isEvaluationRecord } from './evaluation-record.js';

/** The file that says what an evaluation was told. */
export const recordFile = 'config.json';

/** The folder of an evaluation, and how it was begun where it was. */
export interface EvaluationFolder {
  readonly folder: RunFolder;
  readonly begun: EvaluationRecord | undefined;
}

/**
 * Looks at the folder that was asked for, and changes nothing.
 * @throws DraftError `DRAFT_OUTPUT_TAKEN` where it holds something else, `DRAFT_RUN_DAMAGED` where its record cannot be read.
 */
export const lookIntoFolder = (output: string, cwd: string): EvaluationFolder => {
  const folder = openFolder(resolve(cwd, output), cwd);
  refuseFile(folder.path);
  const path = folder.file(recordFile);
  if (existsSync(path)) {
    const record = readRunJson(path);
    if (isEvaluationRecord(record)) return { folder, begun: record };
  } else if (!existsSync(folder.path) || readdirSync(folder.path).every((name) => name === 'lock')) {
    return { folder, begun: undefined };
  }
  throw new DraftError(
    'DRAFT_OUTPUT_TAKEN',
    `${folder.shown} holds something else than an evaluation: choose another --output.`,
  );
};

/**
 * Looks for an evaluation to go on with.
 * @throws DraftError `DRAFT_RESUME_MISSING` where there is none.
 */
export const openEvaluation = (
  request: string,
  cwd: string,
): { readonly folder: RunFolder; readonly begun: EvaluationRecord } => {
  const folder = openFolder(resolve(cwd, request), cwd);
  const begun = existsSync(folder.file(recordFile)) ? readRunJson(folder.file(recordFile)) : undefined;
  if (isEvaluationRecord(begun)) return { folder, begun };
  throw new DraftError('DRAFT_RESUME_MISSING', `${request} holds no evaluation that could be gone on with.`);
};
