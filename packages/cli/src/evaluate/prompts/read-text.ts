import { readFileSync, statSync } from 'node:fs';
import { explainFileError } from '@draft/core';
import { DraftError } from '@draft/core/plugins';

/** More than any list of prompts has; what is larger is something else. */
const largest = 64e6;

/** What is wrong with a file of prompts. */
export const invalidPrompts = (message: string, cause?: unknown): DraftError =>
  new DraftError('DRAFT_PROMPTS_INVALID', message, { cause });

/**
 * Reads a text file, UTF-8 or UTF-16 with its mark.
 * @param name What messages call it.
 * @throws DraftError `DRAFT_PROMPTS_INVALID` where it is no text, or an error of the disk.
 */
export const readText = (path: string, name: string): string => {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > largest) {
      throw invalidPrompts(`${name} has ${Math.round(size / 1e6)} MB, which is no list of prompts.`);
    }
    bytes = readFileSync(path);
  } catch (cause) {
    throw DraftError.is(cause) ? cause : explainFileError(cause, { action: 'read', path: name });
  }
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  let text: string;
  try {
    text = new TextDecoder(wide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalidPrompts(`${name} is not text in UTF-8: save it as such.`, cause);
  }
  if (text.includes('\0')) throw invalidPrompts(`${name} is not a text file.`);
  return text;
};
