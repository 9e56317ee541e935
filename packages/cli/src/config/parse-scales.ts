import { DraftError } from '@draft/core/plugins';

/** More than these make no picture that anyone could look at. */
const mostScales = 16;

/**
 * Reads a list of scales, `0,0.5,1`, or a list from a config.
 * @param flag For the message.
 * @throws DraftError `DRAFT_OPTION_INVALID` where one is no number, or where there are none or too many.
 */
export const parseScales = (flag: string, given: string | number | readonly number[]): readonly number[] => {
  const texts = typeof given === 'string' ? given.split(',') : [given].flat().map(String);
  const scales = texts.map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (!scales.every(Number.isFinite) || scales.length > mostScales) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `${flag} takes up to ${mostScales} numbers with commas between them, such as 0,0.5,1 (given: ${JSON.stringify(given)}).`,
    );
  }
  return scales;
};
