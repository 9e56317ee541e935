import { readFile } from 'node:fs/promises';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from '../files/explain-file-error.js';

/**
 * Reads a JSON file of a checkpoint.
 * @throws DraftError `DRAFT_FILE_NOT_FOUND`, …, or `DRAFT_CONFIG_INVALID` where it is not JSON.
 */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new DraftError(
      'DRAFT_CONFIG_INVALID',
      `${path} is not valid JSON; it may be damaged, so download it again.`,
      { cause },
    );
  }
}
