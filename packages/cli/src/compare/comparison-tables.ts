import { formatRewards } from '@draft/core';
import { bytesText } from '../progress/durations.js';
import type { RunNumbers } from './collect-run.js';
import { type Comparison, type ContenderRecord, meanOf } from './comparison.js';
import { rewardBefore } from './comparison-figures.js';
import { queryAdvantage } from './query-advantage.js';

/** A table; its first row is the head. */
export type Table = readonly (readonly (string | number)[])[];

type Cell = Table[number][number];

type Format = (numbers: readonly number[]) => readonly string[];

interface Column {
  readonly head: string;
  /** What stands in the row of the model before training. */
  readonly before: Cell;
  cell(record: ContenderRecord): Cell;
}

const none = '–';

/** The mean, or `mean ± half the range` of several. */
const spreadText = (values: readonly number[], format: Format): string => {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return none;
  const half = (Math.max(...known) - Math.min(...known)) / 2;
  const [mean = none, range = ''] = format([meanOf(known), half]);
  return known.length === 1 ? mean : `${mean} ± ${range}`;
};

/** Writes all numbers with the decimals that suit the largest of some. */
const alike = (numbers: readonly number[]): Format => {
  const largest = Math.max(0, ...numbers.filter(Number.isFinite).map(Math.abs));
  return (shown) => formatRewards([...shown, largest]).slice(0, -1);
};

const each = (
  { runs }: ContenderRecord,
  pick: (run: RunNumbers) => number | null | undefined,
): readonly number[] => runs.map((run) => pick(run) ?? Number.NaN);

const inOneLine = (text: string): string => text.replace(/ /g, '\u00a0');

const timeText = (seconds: number): string => {
  if (Number.isNaN(seconds)) return none;
  return inOneLine(seconds < 100 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`);
};

/** What each algorithm reached, and what it took. */
export const resultTable = (comparison: Comparison): Table => {
  const { algorithms } = comparison;
  const start = rewardBefore(comparison);
  const startHeldOut = rewardBefore(comparison, (run) => run.before.heldOut?.reward);
  const advantage = queryAdvantage(algorithms, start);
  const all = algorithms.flatMap((record) => each(record, ({ after }) => after.reward));
  const rewards = alike([start, startHeldOut, ...all]);
  const columns: readonly Column[] = [
    {
      head: 'learning rate',
      before: none,
      cell: ({ learningRate }) => (learningRate === null ? none : String(learningRate.value)),
    },
    { head: 'queries', before: none, cell: ({ runs }) => runs[0]?.rewardQueries ?? none },
    {
      head: 'training prompts',
      before: spreadText([start], rewards),
      cell: (record) =>
        spreadText(
          each(record, ({ after }) => after.reward),
          rewards,
        ),
    },
    ...(comparison.heldOut.length === 0
      ? []
      : [
          {
            head: 'held-out prompts',
            before: spreadText([startHeldOut], rewards),
            cell: (record: ContenderRecord) =>
              spreadText(
                each(record, ({ after }) => after.heldOut?.reward),
                rewards,
              ),
          },
        ]),
    ...(advantage === undefined
      ? []
      : [
          {
            head: `queries to ${rewards([advantage.level])[0] ?? ''}`,
            before: none,
            cell: ({ label }: ContenderRecord) => advantage.queries[label] ?? none,
          },
        ]),
    ...(comparison.diversity === null
      ? []
      : [
          {
            head: 'diversity',
            before: comparison.diversity.before.toFixed(3),
            cell: (record: ContenderRecord) =>
              spreadText(
                each(record, ({ diversity }) => diversity),
                (numbers) => numbers.map((value) => value.toFixed(3)),
              ),
          },
        ]),
    {
      head: 'time',
      before: none,
      cell: (record) => timeText(meanOf(each(record, ({ seconds }) => seconds))),
    },
    {
      head: 'peak memory',
      before: none,
      cell: (record) =>
        record.runs.length === 0
          ? none
          : inOneLine(bytesText(Math.max(...each(record, ({ peakBytes }) => peakBytes)))),
    },
  ];
  return [
    ['', ...columns.map(({ head }) => head)],
    ['before', ...columns.map(({ before }) => before)],
    ...algorithms.map((record) => {
      const seeds = record.diverged.map(({ seed }) => seed).join(', ');
      const label = seeds === '' ? inOneLine(record.label) : `${record.label} (diverged: seed ${seeds})`;
      return [label, ...columns.map((column) => column.cell(record))];
    }),
  ];
};

/** What was tried to find learning rates; undefined where nothing was. */
export const tuningTable = ({ algorithms }: Comparison): Table | undefined => {
  const tried = algorithms.filter(({ trials }) => trials.length > 0);
  const trials = tried.flatMap((record) => record.trials);
  const rates = [...new Set(trials.map(({ learningRate }) => learningRate))].sort((a, b) => a - b);
  if (rates.length === 0) return undefined;
  const format = alike(trials.flatMap(({ reward }) => reward ?? []));
  return [
    ['', ...rates.map(String), 'chosen'],
    ...tried.map((record) => {
      const chosen = record.learningRate?.value;
      const atEdge = rates.length > 1 && (chosen === rates[0] || chosen === rates.at(-1));
      return [
        record.label,
        ...rates.map((rate) => {
          const trial = record.trials.find(({ learningRate }) => learningRate === rate);
          if (trial === undefined) return none;
          return trial.reward === null ? 'diverged' : (format([trial.reward])[0] ?? none);
        }),
        chosen === undefined ? none : `${chosen}${atEdge ? ' (the edge)' : ''}`,
      ];
    }),
  ];
};
