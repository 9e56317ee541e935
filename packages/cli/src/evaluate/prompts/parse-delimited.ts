import { invalidPrompts } from './read-text.js';

/** One row of a table. */
export interface DelimitedRow {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Tabs separate, nothing is quoted: PartiPrompts has quotation marks that belong to prompts. */
const parseTabs = (text: string): readonly DelimitedRow[] =>
  text
    .split(/\r\n|\n|\r/)
    .map((content, i) => ({ line: i + 1, cells: content.split('\t') }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));

/** RFC 4180: a quoted cell may hold commas, line breaks and, doubled, quotation marks. */
const parseCommas = (text: string, name: string): readonly DelimitedRow[] => {
  const rows: DelimitedRow[] = [];
  let line = 1;
  let start = 1;
  let cells: string[] = [];
  // A cell with what ends it: a comma, the end of the line or of the text.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  while (cell.lastIndex <= text.length) {
    const match = cell.exec(text);
    if (match === null) {
      throw invalidPrompts(
        `${name}:${line}: a cell with quotation marks must begin and end with them, and double those inside.`,
      );
    }
    const [whole, quoted, plain = '', end = ''] = match;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ',') continue;
    if (cells.some((content) => content.trim() !== '')) rows.push({ line: start, cells });
    start = line;
    cells = [];
    if (end === '') break;
  }
  return rows;
};

/**
 * Reads a table of text whose cells are separated by tabs or commas; empty rows are left out.
 * @throws DraftError `DRAFT_PROMPTS_INVALID` with the line.
 */
export const parseDelimited = (
  text: string,
  separator: 'tab' | 'comma',
  name: string,
): readonly DelimitedRow[] => (separator === 'tab' ? parseTabs(text) : parseCommas(text, name));
