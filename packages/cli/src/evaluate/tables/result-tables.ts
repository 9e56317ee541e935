import type { EvaluationResults, PromptResult } from '../evaluation-results.js';
import type { EvaluationPrompt } from '../prompts/evaluation-prompt.js';
import type { Measure } from '../statistics/measures.js';
import { momentsOf } from '../statistics/moments.js';
import { winRateOf } from '../statistics/win-rate.js';
import type { Variant } from '../variants.js';

/** One column of a table, with a value for each row; null where there is none. */
export interface Column {
  readonly name: string;
  readonly type: 'text' | 'whole' | 'number';
  readonly values: readonly (string | number | null)[];
}

/** What tables are made from. */
export interface Tabulated {
  readonly prompts: readonly EvaluationPrompt[];
  readonly variants: readonly Variant[];
  readonly measures: readonly Measure[];
  readonly results: EvaluationResults;
}

interface Row {
  readonly index: number;
  readonly variant: Variant;
  readonly result: PromptResult;
  readonly base: PromptResult | undefined;
}

/** Of each prompt all variants, prompt by prompt. */
const rowsOf = ({ prompts, variants, results }: Tabulated): readonly Row[] =>
  prompts.flatMap((_, index) =>
    variants.flatMap((variant, i) => {
      const result = results.get(variant.id)?.[index];
      const base = i === 0 ? undefined : results.get(variants[0]?.id ?? '')?.[index];
      return result ? [{ index, variant, result, base }] : [];
    }),
  );

/** Names of columns, made different where a part of the set is called like another column. */
const distinct = (columns: readonly Column[]): readonly Column[] =>
  columns.map((column, i) => {
    const same = columns.slice(0, i).filter(({ name }) => name === column.name).length;
    return same === 0 ? column : { ...column, name: `${column.name}.${same + 1}` };
  });

const place = (prompts: readonly EvaluationPrompt[], rows: readonly Row[]): readonly Column[] => {
  const kinds = [...new Set(prompts.flatMap(({ groups }) => Object.keys(groups)))];
  const text = (name: string, of: (row: Row) => string | null): Column => ({
    name,
    type: 'text',
    values: rows.map(of),
  });
  return [
    { name: 'index', type: 'whole', values: rows.map(({ index }) => index) },
    text('prompt', ({ index }) => prompts[index]?.prompt ?? ''),
    ...kinds.map((kind) => text(kind, ({ index }) => prompts[index]?.groups[kind] ?? null)),
    text('variant', ({ variant }) => variant.id),
    { name: 'scale', type: 'number', values: rows.map(({ variant }) => variant.scale) },
    text('strategy', ({ variant }) => variant.strategy),
  ];
};

/** The table of pictures. */
export const pictureTable = (given: Tabulated): readonly Column[] => {
  const rows = rowsOf(given).flatMap((row) => row.result.pictures.map((picture) => ({ ...row, picture })));
  return distinct([
    ...place(given.prompts, rows),
    { name: 'sample', type: 'whole', values: rows.map(({ picture }) => picture.sample) },
    { name: 'seed', type: 'whole', values: rows.map(({ picture }) => picture.seed) },
    ...given.measures.map(
      ({ name, of }): Column => ({ name, type: 'number', values: rows.map(({ picture }) => of(picture)) }),
    ),
    { name: 'file', type: 'text', values: rows.map(({ picture }) => picture.file) },
  ]);
};

/** The table of prompts: mean and spread of each measure, how often the base is beaten, and diversity. */
export const promptTable = (given: Tabulated): readonly Column[] => {
  const rows = rowsOf(given);
  const number = (name: string, of: (row: Row) => number | null): Column => ({
    name,
    type: 'number',
    values: rows.map(of),
  });
  return distinct([
    ...place(given.prompts, rows),
    { name: 'pictures', type: 'whole', values: rows.map(({ result }) => result.pictures.length) },
    ...given.measures.flatMap(({ name, direction, of }) => [
      number(`${name}.mean`, ({ result }) => momentsOf(result.pictures.map(of)).mean),
      number(
        `${name}.standardDeviation`,
        ({ result }) => momentsOf(result.pictures.map(of)).standardDeviation,
      ),
      number(`${name}.winRate`, ({ result, base }) => {
        if (base === undefined) return null;
        const better = result.pictures.map((picture, i) => {
          const other = base.pictures[i];
          return direction * (of(picture) - (other ? of(other) : Number.NaN));
        });
        return winRateOf([better]).rate;
      }),
    ]),
    number('diversity', ({ result }) => result.diversity),
  ]);
};
