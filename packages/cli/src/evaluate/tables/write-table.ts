import { writeFileAtomically } from '@draft/core';
import type { tableFormats } from '../../config/evaluate-options.js';
import type { Column } from './result-tables.js';

/** The format of a table's file, which is also its ending. */
export type TableFormat = (typeof tableFormats)[number];

type Encode = (columns: readonly Column[]) => string | Uint8Array | Promise<string | Uint8Array>;

const rowCount = (columns: readonly Column[]): number => columns[0]?.values.length ?? 0;

/** RFC 4180, with line feeds. */
const asCsv: Encode = (columns) => {
  const cell = (value: string | number | null): string => {
    if (value === null || Number.isNaN(value)) return '';
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = Array.from({ length: rowCount(columns) }, (_, row) =>
    columns.map(({ values }) => cell(values[row] ?? null)).join(','),
  );
  return `${[columns.map(({ name }) => cell(name)).join(','), ...rows].join('\n')}\n`;
};

/** A list of objects, one a line. */
const asJson: Encode = (columns) => {
  const rows = Array.from({ length: rowCount(columns) }, (_, row) =>
    JSON.stringify(Object.fromEntries(columns.map(({ name, values }) => [name, values[row] ?? null]))),
  );
  return `[\n${rows.join(',\n')}\n]\n`;
};

const asParquet: Encode = async (columns) => {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const types = { text: 'STRING', whole: 'INT64', number: 'DOUBLE' } as const;
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(({ name, type, values }) => ({
        name,
        type: types[type],
        nullable: true,
        data: type === 'whole' ? values.map((value) => (value === null ? null : BigInt(value))) : [...values],
      })),
    }),
  );
};

const encoders: Readonly<Record<TableFormat, Encode>> = { csv: asCsv, json: asJson, parquet: asParquet };

/** A table as the bytes or the text of a file. */
export const encodeTable = (format: TableFormat, columns: readonly Column[]): ReturnType<Encode> =>
  encoders[format](columns);

/** Writes a table, in one piece: `results` becomes `results.csv`. */
export const writeTable = async (
  path: string,
  format: TableFormat,
  columns: readonly Column[],
): Promise<void> => writeFileAtomically(`${path}.${format}`, await encodeTable(format, columns));
