import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DraftError } from '@draft/core/plugins';
import type { EvaluationPrompt } from './evaluation-prompt.js';
import { parsePromptJson } from './parse-prompt-json.js';
import { parsePromptTable } from './parse-prompt-table.js';
import { invalidPrompts, readText } from './read-text.js';

/** The files of HPSv2's benchmark, one a style. */
const hpsv2Files: readonly string[] = ['anime.json', 'concept-art.json', 'paintings.json', 'photo.json'];

/** Prompts that came from one place. */
export interface PromptSource {
  /** The name of the set or file; empty for prompts that were typed. */
  readonly name: string;
  readonly prompts: readonly EvaluationPrompt[];
}

const plain = (text: string): readonly EvaluationPrompt[] =>
  text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((prompt) => ({ prompt, groups: {} }));

const readFile = (path: string, name: string): PromptSource => {
  const text = readText(path, name);
  const own = basename(name);
  const short = own.replace(/\.[^.]+$/, '');
  const parsed = /\.tsv$/i.test(own)
    ? parsePromptTable(text, 'tab', name)
    : /\.csv$/i.test(own)
      ? parsePromptTable(text, 'comma', name)
      : /\.json$/i.test(own)
        ? parsePromptJson(text, short, name)
        : plain(text);
  if (parsed.length === 0) throw new DraftError('DRAFT_PROMPTS_EMPTY', `${name} holds no prompts.`);
  return { name: short, prompts: parsed };
};

const readFolder = (path: string, name: string): PromptSource => {
  const there = hpsv2Files.filter((file) => existsSync(join(path, file)));
  if (there.length < hpsv2Files.length) {
    const missing = hpsv2Files.filter((file) => !there.includes(file));
    throw invalidPrompts(
      `The folder ${name} is not HPSv2's benchmark, as it has no ${missing.join(', ')}: name a file of prompts, or put them there.`,
    );
  }
  return {
    name: 'hpsv2',
    prompts: there.flatMap((file) => readFile(join(path, file), join(name, file)).prompts),
  };
};

/**
 * Reads what one `--prompts` names: a set, a file (text, TSV, CSV or JSON), the folder of HPSv2's four files, or the
 * prompt itself.
 * @throws DraftError naming the file, and the line where there is one.
 */
export const readPromptSource = (
  item: string,
  sets: Readonly<Record<string, readonly string[]>>,
  cwd: string,
): PromptSource => {
  if (Object.hasOwn(sets, item)) {
    return { name: item, prompts: (sets[item] ?? []).map((prompt) => ({ prompt, groups: {} })) };
  }
  const path = resolve(cwd, item);
  const found = item.length < 1024 ? statSync(path, { throwIfNoEntry: false }) : undefined;
  // A folder that is called as a prompt is meant for one only if it looks like it.
  const folder = found?.isDirectory() && (/[\\/]/.test(item) || existsSync(join(path, hpsv2Files[0] ?? '')));
  if (folder) return readFolder(path, item);
  if (found?.isFile() || /\.(txt|tsv|csv|json)$/i.test(item)) return readFile(path, item);
  if (item.trim() === '') throw invalidPrompts('A prompt must not be empty.');
  return { name: '', prompts: [{ prompt: item, groups: {} }] };
};
