import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawCurve, writeFileAtomically } from '@draft/core';
import { runProgram } from './run-program.js';

// How time and memory grow with T, K, batch, size and rank, on the miniature.

/** What was measured at one point. */
interface Measured {
  /** Processor seconds of an iteration. */
  readonly seconds: number;
  /** The same as `draft plan` estimates them. */
  readonly plannedSeconds: number;
  /** Most bytes of tensors at once. */
  readonly tensorBytes: number;
  /** Most resident bytes. */
  readonly peakBytes: number;
}

/** One axis: what varies, and the run at each of its points. */
interface Axis {
  readonly id: string;
  readonly label: string;
  readonly points: readonly number[];
  readonly config: (value: number) => Readonly<Record<string, unknown>>;
  /** What goes to the right, where it is not the value itself. */
  readonly x?: (value: number) => number;
}

const draft = (k: number) => ({ algorithm: 'draft', set: { k } });
const usual = { ...draft(1), steps: 8, batch: 2 };

const axes: readonly Axis[] = [
  {
    id: 'steps',
    label: 'sampling steps T',
    points: [4, 8, 16, 32],
    config: (steps) => ({ ...usual, steps }),
  },
  {
    id: 'trained',
    label: 'trained steps K',
    points: [1, 2, 4, 8],
    config: (k) => ({ ...usual, ...draft(k) }),
  },
  { id: 'batch', label: 'pictures at once', points: [1, 2, 4, 8], config: (batch) => ({ ...usual, batch }) },
  {
    id: 'size',
    label: 'pixels of a picture, thousands',
    points: [64, 96, 128, 160],
    config: (size) => ({ ...usual, size }),
    x: (size) => size ** 2 / 1000,
  },
  { id: 'rank', label: 'rank of the LoRA', points: [1, 16, 32, 64], config: (rank) => ({ ...usual, rank }) },
];

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'growth' },
    only: { type: 'string' },
    'plot-only': { type: 'boolean', default: false },
  },
});

const program = fileURLToPath(new URL('grown-run.ts', import.meta.url));
mkdirSync(values.output, { recursive: true });

const measure = async (axis: Axis, value: number): Promise<Measured | undefined> => {
  const file = join(values.output, `${axis.id}-${value}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Measured;
  if (values['plot-only'] || (values.only !== undefined && values.only !== axis.id)) return undefined;
  process.stdout.write(`${axis.label}: ${value}\n`);
  const printed = await runProgram(program, [JSON.stringify(axis.config(value))]);
  const measured = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Measured;
  writeFileAtomically(file, `${JSON.stringify(measured)}\n`);
  return measured;
};

const rows: string[] = [];
for (const axis of axes) {
  const found: { readonly value: number; readonly measured: Measured }[] = [];
  for (const value of axis.points) {
    const measured = await measure(axis, value);
    if (measured) found.push({ value, measured });
  }
  if (found.length < 2) continue;
  const x = found.map(({ value }) => axis.x?.(value) ?? value);
  const megabytes = (pick: (measured: Measured) => number) =>
    found.map(({ measured }) => pick(measured) / 1e6);
  const common = { xLabel: axis.label, width: 460, height: 300, smoothed: false };
  const time = drawCurve(
    [
      { label: 'measured', x, y: found.map(({ measured }) => measured.seconds) },
      { label: 'planned', x, y: found.map(({ measured }) => measured.plannedSeconds), reference: true },
    ],
    { ...common, title: 'Time', yLabel: 'processor seconds' },
  );
  const memory = drawCurve(
    [
      { label: 'tensors', x, y: megabytes(({ tensorBytes }) => tensorBytes) },
      { label: 'process', x, y: megabytes(({ peakBytes }) => peakBytes) },
    ],
    { ...common, title: 'Memory at the peak', yLabel: 'MB' },
  );
  writeFileAtomically(join(values.output, `${axis.id}-time.svg`), time);
  writeFileAtomically(join(values.output, `${axis.id}-memory.svg`), memory);
  for (const { value, measured } of found) {
    const { seconds, plannedSeconds, tensorBytes, peakBytes } = measured;
    rows.push(
      `| ${axis.label.replace(/, thousands/, ' (side)')} | ${value} | ${seconds.toFixed(2)} | ${plannedSeconds.toFixed(2)} | ${(tensorBytes / 1e6).toFixed(1)} | ${(peakBytes / 1e6).toFixed(0)} |`,
    );
  }
}
process.stdout.write(
  `| | | processor seconds | planned | tensors, MB | process, MB |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`,
);
