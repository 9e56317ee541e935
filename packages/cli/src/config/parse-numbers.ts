import { DraftError } from '@draft/core/plugins';

/**
 * Reads numbers with commas between them, `0,1,2`, or a list from a config.
 * @param valid What each must be.
 * @param kind The same in words, for the message: `whole numbers of at least 0`.
 * @throws DraftError `DRAFT_OPTION_INVALID` where one is something else, or comes twice.
 */
export const parseNumbers = (
  flag: string,
  given: string | number | readonly number[],
  valid: (value: number) => boolean,
  kind: string,
): readonly number[] => {
  const texts = typeof given === 'string' ? given.split(',') : [given].flat().map(String);
  const values = texts.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (values.every(valid) && new Set(values).size === values.length) return values;
  throw new DraftError(
    'DRAFT_OPTION_INVALID',
    `${flag} takes different ${kind} with commas between them (given: ${JSON.stringify(given)}).`,
  );
};
