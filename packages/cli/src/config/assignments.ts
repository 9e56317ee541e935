import { DraftError } from '@draft/core/plugins';

/** A value as typed after `key=`: as JSON where it is some, else as text. */
const readValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/**
 * Reads `key=value` texts; a key with dots makes nested objects.
 * @param flag For messages.
 * @throws DraftError `DRAFT_OPTION_INVALID` where there is no key or no `=`.
 */
export const parseAssignments = (
  texts: readonly string[],
  flag: string,
  nested: boolean,
): Record<string, unknown> => {
  const result: Record<string, unknown> = {};
  for (const text of texts) {
    const match = (nested ? /^([^=]+)\.([^.=]+)=(.*)$/s : /^()([^=]+)=(.*)$/s).exec(text);
    if (match === null) {
      const shape = nested ? 'NAME.KEY=VALUE' : 'KEY=VALUE';
      throw new DraftError(
        'DRAFT_OPTION_INVALID',
        `${flag} takes ${shape} (given: ${JSON.stringify(text)}).`,
      );
    }
    const [, owner = '', key = '', value = ''] = match;
    if (!nested) result[key] = readValue(value);
    else result[owner] = { ...(result[owner] as object | undefined), [key]: readValue(value) };
  }
  return result;
};
