import { formatRewards, type ReportFigure } from '@draft/core';
import type { Measure } from '../statistics/measures.js';
import type { SectionSummary, StyleTable, VariantSummary } from '../statistics/summarise.js';
import type { WinRate } from '../statistics/win-rate.js';

/** Rows of cells; the first is the head. */
export type Table = NonNullable<ReportFigure['table']>;

const none = '–';

const percent = (share: number): string => String(Math.round(100 * share));

const winText = (winRate: WinRate | null): string =>
  winRate === null
    ? none
    : `${percent(winRate.rate)} % (${percent(winRate.low)} to ${percent(winRate.high)})`;

/** A mean and its error, or a dash. */
interface Estimate {
  readonly mean: number;
  readonly standardError: number | null;
}

const minus = (text: string): string => text.replace(/^-(?=[0.]*$)/, '').replace('-', '−');

/** Numbers with the decimals that two digits of the largest error need; as rewards are shown where there is none. */
const numbersOf = (all: readonly Estimate[]): readonly string[] => {
  const numbers = all.flatMap(({ mean, standardError }) => [mean, standardError ?? 0]);
  const largest = Math.max(0, ...all.map(({ standardError }) => standardError ?? 0));
  const digits = largest > 0 ? Math.max(0, 1 - Math.floor(Math.log10(largest))) : Number.POSITIVE_INFINITY;
  return digits > 8 ? formatRewards(numbers) : numbers.map((value) => minus(value.toFixed(digits)));
};

/** Estimates with the same decimals: `−0.612 ± 0.021`; with `signed`, `+0.2`. */
const estimates = (all: readonly (Estimate | null)[], signed = false): readonly string[] => {
  const texts = numbersOf(all.flatMap((one) => one ?? []));
  let at = 0;
  return all.map((one) => {
    if (one === null) return none;
    const [mean = '', error = ''] = [texts[at], texts[at + 1]];
    at += 2;
    const sign = signed && one.mean > 0 ? '+' : '';
    return `${sign}${mean}${one.standardError === null ? '' : ` ± ${error}`}`;
  });
};

/** What the table of all prompts shows. */
export interface SummaryTableOptions {
  readonly variants: readonly VariantSummary[];
  readonly measures: readonly Measure[];
  /** What diversity was measured in. */
  readonly embedding: string;
  /** What stands before the name of a row that goes on with the one above. */
  readonly indent: string;
}

/** Everything about all prompts: a column for each variant; means with their standard errors, win rates with their intervals. */
export const summaryTable = ({ variants, measures, embedding, indent }: SummaryTableOptions): Table => {
  const compared = variants.length > 1;
  const rows = measures.flatMap(({ name, label }): Table => {
    const own = variants.map((variant) => variant.measures[name] ?? null);
    const spread = formatRewards(own.flatMap((one) => one?.standardDeviation ?? []));
    return [
      [label, ...estimates(own)],
      ...(spread.length === own.length ? [[`${indent}spread of pictures`, ...spread]] : []),
      ...(compared
        ? [
            [
              `${indent}change`,
              ...estimates(
                own.map((one) => one?.change ?? null),
                true,
              ),
            ],
            [`${indent}wins over base`, ...own.map((one) => winText(one?.winRate ?? null))],
          ]
        : []),
    ];
  });
  const diversity = variants.map((variant) => variant.diversity);
  return [
    ['', ...variants.map(({ label }) => label)],
    ...rows,
    ...(diversity.some((one) => one !== null) ? [[`diversity (${embedding})`, ...estimates(diversity)]] : []),
  ];
};

/**
 * One measure by the parts of the set: a row for each part, with the mean of each variant, and the wins of one.
 * @param subject Whose wins are shown; none where it is the base.
 */
export const sectionTable = (
  sections: readonly SectionSummary[],
  by: string,
  measure: Measure,
  subject: Pick<VariantSummary, 'id' | 'label'> | undefined,
): Table => {
  const own = sections.filter((section) => section.by === by);
  const variants = own[0]?.variants ?? [];
  const means = estimates(
    own.flatMap((section) => section.variants.map((variant) => variant.measures[measure.name] ?? null)),
  );
  const wins = (section: SectionSummary): readonly string[] => {
    const found = section.variants.find(({ id }) => id === subject?.id);
    return found ? [winText(found.measures[measure.name]?.winRate ?? null)] : [];
  };
  return [
    [by, 'prompts', ...variants.map(({ label }) => label), ...(subject ? [`wins of ${subject.label}`] : [])],
    ...own.map((section, row) => [
      section.name,
      section.prompts,
      ...means.slice(row * variants.length, (row + 1) * variants.length),
      ...wins(section),
    ]),
  ];
};

/** The reward whose own benchmark this is; its tables have two decimals of 100 times the score, and four of the spread. */
const benchmarkReward = 'hpsv2';

/**
 * One measure as HPSv2's benchmark has it: a row for each variant, mean and spread of each style over its parts of 80
 * prompts, and the average of all prompts. The reward hpsv2 is shown 100-fold, as in its published tables.
 */
export const styleTable = (
  tables: readonly StyleTable[],
  variants: readonly VariantSummary[],
  measure: Measure,
): Table => {
  const own = tables.filter((table) => table.measure === measure.name);
  const styles = Object.keys(own[0]?.styles ?? {});
  const rows = own.map((table) => styles.map((style) => table.styles[style]));
  const averages = own.map(({ average }) => ({ mean: average, standardError: null }));
  // A single part has no spread.
  const scores = rows
    .flat()
    .map((score): Estimate | null =>
      score ? { mean: score.mean, standardError: score.parts.length > 1 ? score.deviation : null } : null,
    );
  const hundredfold = ({ mean, standardError }: Estimate): string =>
    minus((100 * mean).toFixed(2)) + (standardError === null ? '' : ` ± ${(100 * standardError).toFixed(4)}`);
  const texts =
    measure.name === benchmarkReward
      ? [...scores, ...averages].map((one) => (one ? hundredfold(one) : none))
      : estimates([...scores, ...averages]);
  return [
    ['', ...styles, 'average'],
    ...own.map(({ variant }, row) => [
      variants.find(({ id }) => id === variant)?.label ?? variant,
      ...texts.slice(row * styles.length, (row + 1) * styles.length),
      texts[scores.length + row] ?? none,
    ]),
  ];
};
