import type { EvaluationPrompt } from './evaluation-prompt.js';
import { readPromptSource } from './read-prompt-source.js';

/** What prompts are grouped by that were typed one by one, beside named sets. */
const typed = 'typed';

/** At most `limit` of the items, evenly spread, beginning with the first. */
export const takeSpread = <Item>(items: readonly Item[], limit: number): readonly Item[] =>
  items.length <= limit
    ? items
    : Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)] as Item);

/**
 * Reads all prompts to evaluate on. Where there are several sets or files that have no parts of their own, each
 * is a part, its `set`.
 * @param limit Most prompts that are taken, evenly spread over all.
 * @throws DraftError as `readPromptSource`.
 */
export const readEvaluationPrompts = (
  given: string | readonly string[],
  sets: Readonly<Record<string, readonly string[]>>,
  cwd: string,
  limit = Number.POSITIVE_INFINITY,
): readonly EvaluationPrompt[] => {
  const sources = [given].flat().map((item) => readPromptSource(item, sets, cwd));
  const several = new Set(sources.map(({ name }) => name)).size > 1;
  const parted = sources.every(({ prompts }) =>
    prompts.every(({ groups }) => Object.keys(groups).length > 0),
  );
  const all = sources.flatMap(({ name, prompts }) =>
    several && !parted
      ? prompts.map(({ prompt, groups }) => ({ prompt, groups: { set: name || typed, ...groups } }))
      : prompts,
  );
  return takeSpread(all, limit);
};
