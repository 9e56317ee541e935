import type { EvaluationPrompt } from './evaluation-prompt.js';
import { parseDelimited } from './parse-delimited.js';
import { invalidPrompts } from './read-text.js';

/** The column or field of the prompts. */
export const promptNames: readonly string[] = ['prompt', 'caption', 'text'];

/** The columns or fields that say which part of a set a prompt belongs to. */
export const groupNames: readonly string[] = ['category', 'challenge', 'style'];

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

/**
 * Reads a table of prompts with a head: `Prompt`, and `Category`, `Challenge` or `Style` where it has them, as
 * PartiPrompts does. Other columns do not count.
 * @throws DraftError `DRAFT_PROMPTS_INVALID` with the line.
 */
export const parsePromptTable = (
  text: string,
  separator: 'tab' | 'comma',
  name: string,
): readonly EvaluationPrompt[] => {
  const [head, ...rows] = parseDelimited(text, separator, name);
  if (head === undefined) return [];
  const titles = head.cells.map((cell) => cell.trim().toLowerCase());
  const column = titles.findIndex((title) => promptNames.includes(title));
  if (column < 0) {
    throw invalidPrompts(
      `${name} has no column Prompt; its first line is ${JSON.stringify(shorten(head.cells.join(separator === 'tab' ? '\t' : ',')))}.`,
    );
  }
  const groups = groupNames.flatMap((group) => {
    const at = titles.indexOf(group);
    return at < 0 ? [] : [{ group, at }];
  });
  return rows.map(({ line, cells }) => {
    if (cells.length > titles.length) {
      throw invalidPrompts(
        `${name}:${line}: the line has ${cells.length} cells, but the head of the table has ${titles.length}.`,
      );
    }
    const prompt = cells[column]?.trim() ?? '';
    if (prompt === '') throw invalidPrompts(`${name}:${line}: the line has no prompt.`);
    const own = groups.map(({ group, at }): [string, string] => {
      const value = cells[at]?.trim() ?? '';
      if (value === '') throw invalidPrompts(`${name}:${line}: the line has no ${group}.`);
      return [group, value];
    });
    return { prompt, groups: Object.fromEntries(own) };
  });
};
