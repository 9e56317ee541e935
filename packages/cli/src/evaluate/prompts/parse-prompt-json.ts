import type { EvaluationPrompt } from './evaluation-prompt.js';
import { groupNames, promptNames } from './parse-prompt-table.js';
import { invalidPrompts } from './read-text.js';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A key in a message, which stays on its line. */
const shown = (key: string): string => JSON.stringify(key.length > 60 ? `${key.slice(0, 57)}...` : key);

/** A field of an object, whatever the case of its name; undefined where it is no text. */
const fieldOf = (item: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined => {
  const found = Object.entries(item).find(
    ([key, value]) => names.includes(key.toLowerCase()) && typeof value === 'string',
  );
  return found && (found[1] as string).trim();
};

const itemOf = (item: unknown, style: string, where: string): EvaluationPrompt => {
  const prompt =
    typeof item === 'string' ? item.trim() : isRecord(item) ? fieldOf(item, promptNames) : undefined;
  if (prompt === undefined) {
    throw invalidPrompts(
      `${where} is no prompt: expected text, or an object with "prompt" (given: ${(JSON.stringify(item) ?? '').slice(0, 60)}).`,
    );
  }
  if (prompt === '') throw invalidPrompts(`${where} is an empty prompt.`);
  const own = isRecord(item)
    ? groupNames.flatMap((group): [string, string][] => {
        const value = fieldOf(item, [group]);
        return value ? [[group, value]] : [];
      })
    : [];
  return { prompt, groups: own.length > 0 ? Object.fromEntries(own) : { style } };
};

/**
 * Reads prompts from JSON: a list of texts, as each of HPSv2's four files is, whose style is the file's name; a list
 * of objects with `prompt`, and `category`, `challenge` or `style`; or an object of such lists by style.
 * @param style What a list's style is where nothing else says it.
 * @throws DraftError `DRAFT_PROMPTS_INVALID`.
 */
export const parsePromptJson = (text: string, style: string, name: string): readonly EvaluationPrompt[] => {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0]?.slice(0, 120) : '';
    throw invalidPrompts(`${name} is not valid JSON: ${reason}.`, cause);
  }
  const lists: readonly (readonly [string, unknown])[] = isRecord(content)
    ? Object.entries(content)
    : [[style, content]];
  return lists.flatMap(([own, list]) => {
    if (!Array.isArray(list)) {
      throw invalidPrompts(
        `${name} holds no list of prompts${isRecord(content) ? ` under ${shown(own)}` : ''}: expected ["a prompt", …].`,
      );
    }
    return list.map((item, i) =>
      itemOf(item, own, `${name}: item ${i + 1}${isRecord(content) ? ` of ${shown(own)}` : ''}`),
    );
  });
};
