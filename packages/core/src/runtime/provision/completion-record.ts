import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/write-file-atomically.js';
import { hashFile } from './download-wheel.js';
import type { ExtractedFile } from './extract-wheel.js';

/** What an installation holds; its file is the last one written. */
export interface CompletionRecord {
  readonly format: 1;
  readonly version: string;
  /** `linux-x64` and so on. */
  readonly platform: string;
  readonly installedAt: string;
  readonly wheels: readonly { readonly name: string; readonly sha256: string }[];
  /** Unpacked files, paths below `site`. */
  readonly files: readonly ExtractedFile[];
}

const recordName = 'complete.json';

/** The folder below an installation that the wheels are unpacked into. */
export const siteFolder = 'site';

/** Writes down that an installation is complete. */
export const writeCompletion = (folder: string, record: CompletionRecord): void =>
  writeFileAtomically(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);

/** Reads what an installation holds; undefined where it was never completed, or for another kind of machine. */
export const readCompletion = (folder: string): CompletionRecord | undefined => {
  try {
    const record = JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as CompletionRecord;
    const fits = record.format === 1 && record.platform === `${process.platform}-${process.arch}`;
    return fits && Array.isArray(record.files) ? record : undefined;
  } catch {
    return undefined;
  }
};

/** What state an installation is in. */
export type InstallationState = 'missing' | 'incomplete' | 'ready';

/** Looks at an installation: whether it was completed and each file still has its size. */
export const installationState = (folder: string): InstallationState => {
  if (!existsSync(folder)) return 'missing';
  const record = readCompletion(folder);
  const whole = record?.files.every(
    ({ path, size }) => statSync(join(folder, siteFolder, path), { throwIfNoEntry: false })?.size === size,
  );
  return whole ? 'ready' : 'incomplete';
};

/**
 * Reads every file of an installation and compares its hash.
 * @returns Paths of the files that are damaged or missing.
 */
export const damagedFiles = async (folder: string): Promise<string[]> => {
  const record = readCompletion(folder);
  if (!record) return [recordName];
  const damaged: string[] = [];
  for (const { path, sha256 } of record.files) {
    const actual = await hashFile(join(folder, siteFolder, path)).catch(() => '');
    if (actual !== sha256) damaged.push(path);
  }
  return damaged;
};
