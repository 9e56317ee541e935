import type { SizeName, Task } from './cases.js';
import type { Comparison } from './measure.js';

/** A row of the table. */
export interface Row {
  readonly size: SizeName;
  readonly task: Task;
  readonly comparison: Comparison;
}

const header = [
  '| size | task | ours, s | PyTorch, s | which | ours ÷ PyTorch | ours, GB | PyTorch, GB | ours ÷ PyTorch | loaded, s | PyTorch, s | first run, s | PyTorch, s | of the peak | differs by |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
];

const seconds = (value: number) => value.toPrecision(3);
const share = (value: number) => `${(100 * value).toFixed(0)} %`;
const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(2);

/**
 * Comparisons as a Markdown table.
 * @param peak Multiplications and additions a second in large matrix products of the type that we compute in.
 */
export const formatTable = (rows: readonly Row[], peak: number, withHeader = true): string =>
  [
    ...(withHeader ? header : []),
    ...rows.map(({ size, task, comparison: { ours, theirs, variant, ...ratios } }) =>
      [
        '',
        size,
        task,
        seconds(ours.seconds),
        seconds(theirs.seconds),
        variant,
        ratios.timeRatio.toFixed(2),
        gigabytes(ours.peakBytes),
        gigabytes(theirs.peakBytes),
        ratios.memoryRatio.toFixed(2),
        seconds(ours.loadSeconds),
        seconds(theirs.loadSeconds),
        seconds(ours.startSeconds),
        seconds(theirs.startSeconds),
        ratios.operations === null ? '' : share(ratios.operations / ours.seconds / peak),
        ratios.disagreement.toExponential(1),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ].join('\n');
