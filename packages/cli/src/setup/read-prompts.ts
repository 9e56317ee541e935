import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DraftError } from '@draft/core/plugins';
import { shippedPromptSets } from '../evaluate/prompts/prompt-sets.js';

/** The named sets of prompts that came with a checkpoint. */
export type PromptSets = Readonly<Record<string, readonly string[]>>;

const promptsOfFile = (path: string, name: string): readonly string[] => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new DraftError('DRAFT_PROMPTS_UNREADABLE', `The prompts in ${name} cannot be read: ${reason}.`, {
      cause,
    });
  }
  const prompts = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (prompts.length === 0) {
    throw new DraftError('DRAFT_PROMPTS_EMPTY', `${name} holds no prompts: write one a line.`);
  }
  return prompts;
};

/**
 * Turns what `--prompts` was given into prompts: the name of a set (of the checkpoint, or one that is there for all), a text
 * file (one prompt a line; empty lines and lines that begin with `#` do not count), or the prompt itself.
 */
export const readPrompts = (
  given: string | readonly string[],
  sets: PromptSets,
  cwd: string,
): readonly string[] => {
  const all = { ...shippedPromptSets, ...sets };
  return [given].flat().flatMap((item) => {
    if (Object.hasOwn(all, item)) return all[item] ?? [];
    const path = resolve(cwd, item);
    const isFile = item.length < 1024 && existsSync(path) && statSync(path).isFile();
    return isFile || /\.txt$/.test(item) ? promptsOfFile(path, item) : [item];
  });
};
