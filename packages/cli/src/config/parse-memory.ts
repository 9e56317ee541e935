import { DraftError } from '@draft/core/plugins';

const units: Readonly<Record<string, number>> = {
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Reads `--memory`: `12GB`, `900 MiB`, or `off`.
 * @returns Bytes; `off` where nothing is to be planned; undefined where nothing was said.
 * @throws DraftError `DRAFT_OPTION_INVALID`.
 */
export const parseMemory = (text: string | undefined): number | 'off' | undefined => {
  if (text === undefined || text === 'off') return text;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]i?B)$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
  if (bytes > 0) return bytes;
  throw new DraftError(
    'DRAFT_OPTION_INVALID',
    `--memory takes a size with its unit, such as 12GB or 900MiB, or off (given: ${JSON.stringify(text)}).`,
  );
};
