import type { KindSummary, ProfileSummary } from '@draft/core';
import { bytesText } from '../progress/durations.js';
import { textTable } from '../progress/text-table.js';

/** Kinds of ops with a row of their own. */
const shownKinds = 12;

const milliseconds = (time: number): string => (time / 1000).toFixed(1);

const percent = (part: number, whole: number): string =>
  `${(whole > 0 ? (100 * part) / whole : 0).toFixed(1)} %`;

const kindRows = ({ kinds, opTime, iterations }: ProfileSummary): string[][] => {
  const rest = kinds.slice(shownKinds).reduce<KindSummary>(
    (sum, kind) => ({
      name: sum.name,
      count: sum.count + kind.count,
      operations: sum.operations + kind.operations,
      time: sum.time + kind.time,
      outputBytes: sum.outputBytes + kind.outputBytes,
      allocatedBytes: sum.allocatedBytes + kind.allocatedBytes,
    }),
    {
      name: `${kinds.length - shownKinds} other kinds`,
      count: 0,
      operations: 0,
      time: 0,
      outputBytes: 0,
      allocatedBytes: 0,
    },
  );
  const each = Math.max(1, iterations);
  return [...kinds.slice(0, shownKinds), ...(kinds.length > shownKinds ? [rest] : [])].map(
    ({ name, count, time, operations, outputBytes, allocatedBytes }) => [
      name,
      String(Math.round(count / each)),
      milliseconds(time / each),
      percent(time, opTime),
      operations > 0 ? (operations / time / 1000).toFixed(1) : '',
      bytesText(outputBytes / each),
      bytesText(allocatedBytes / each),
    ],
  );
};

/** What a profile says, for a terminal: times and bytes of one iteration, the mean of all that were profiled. */
export const profileTable = (summary: ProfileSummary, detailed: boolean): string => {
  const {
    duration,
    iterations,
    phases,
    sections,
    opTime,
    busy,
    parallel,
    waiting,
    transfers,
    peak,
    preparation,
  } = summary;
  const each = Math.max(1, iterations);
  const phaseTable = textTable([
    ['phase', 'times', 'ms', 'of the time', ...(detailed ? ['no op ran'] : [])],
    ...phases
      .filter(({ time }) => time > 0)
      .map(({ name, count, time, idle }) => [
        name,
        name === 'other' ? '' : String(Math.round((10 * count) / each) / 10),
        milliseconds(time / each),
        percent(time, duration),
        ...(detailed ? [percent(idle, time)] : []),
      ]),
  ]);
  if (!detailed) return phaseTable;
  const idle = duration - busy;
  return [
    textTable([['op', 'count', 'ms', 'of op time', 'GFLOP/s', 'results', 'allocated'], ...kindRows(summary)]),
    '',
    phaseTable,
    '',
    textTable([
      ['part of the recorded functions', 'ms', 'of op time'],
      ...sections.map(({ name, time }) => [name, milliseconds(time / each), percent(time, opTime)]),
    ]),
    '',
    `No op ran in ${percent(idle, duration)} of the time: ${percent(waiting, duration)} within recorded functions, ` +
      `${percent(idle - waiting, duration)} outside of them, transfers (${percent(transfers.time, duration)}, ` +
      `${bytesText(transfers.bytes / each)}) among them. Two or more ran side by side in ${percent(parallel, duration)}.`,
    ...(preparation > 0.01 * duration
      ? [
          `Making graphs took ${percent(preparation, duration)}, which iterations of a longer run need not do again.`,
        ]
      : []),
    `Collecting these numbers took ${percent(summary.statistics, duration)} more, which is left out of them.`,
    ...(peak
      ? [`The ops of ${peak.call} held ${bytesText(peak.bytes)} at once, arguments and weights not counted.`]
      : []),
  ].join('\n');
};
