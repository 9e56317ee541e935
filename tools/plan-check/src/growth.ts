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
  /** Most resident bytes of the process. */
  readonly peakBytes: number;
}

/** What was worked out for a point without computing it. */
interface Planned {
  readonly seconds: number;
  /** Most bytes of tensors at once. */
  readonly tensorBytes: number;
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

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const lastLine = (printed: string): unknown => JSON.parse(printed.trim().split('\n').at(-1) ?? '');
mkdirSync(values.output, { recursive: true });

/** All points at once, in one process. */
const plan = async (): Promise<readonly Planned[]> => {
  const file = join(values.output, 'planned.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as readonly Planned[];
  const points = axes.flatMap((axis) => axis.points.map((value) => axis.config(value)));
  const planned = lastLine(await runProgram(program('planned-points.ts'), [JSON.stringify(points)]));
  writeFileAtomically(file, `${JSON.stringify(planned)}\n`);
  return planned as readonly Planned[];
};

const measure = async (axis: Axis, value: number): Promise<Measured | undefined> => {
  const file = join(values.output, `${axis.id}-${value}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Measured;
  if (values['plot-only'] || (values.only !== undefined && values.only !== axis.id)) return undefined;
  process.stdout.write(`${axis.label}: ${value}\n`);
  const measured = lastLine(
    await runProgram(program('grown-run.ts'), [JSON.stringify(axis.config(value))]),
  ) as Measured;
  writeFileAtomically(file, `${JSON.stringify(measured)}\n`);
  return measured;
};

const planned = [...(values.only === undefined ? await plan() : [])];
const rows: string[] = [];
for (const axis of axes) {
  const found: (Planned & { readonly value: number; readonly measured: Measured | undefined })[] = [];
  for (const value of axis.points) {
    const measured = await measure(axis, value);
    const known = planned.shift();
    if (known) found.push({ ...known, value, measured });
  }
  const x = found.map(({ value }) => axis.x?.(value) ?? value);
  const common = { xLabel: axis.label, width: 460, height: 300, smoothed: false };
  const draw = (name: string, svg: string) =>
    writeFileAtomically(join(values.output, `growth-${axis.id}-${name}.svg`), svg);
  if (found.length > 0) {
    draw(
      'time',
      drawCurve(
        [
          { label: 'measured', x, y: found.map(({ measured }) => measured?.seconds ?? Number.NaN) },
          { label: 'planned', x, y: found.map(({ seconds }) => seconds), reference: true },
        ],
        { ...common, title: 'Time of an iteration', yLabel: 'processor seconds' },
      ),
    );
    draw(
      'memory',
      drawCurve([{ label: 'tensors', x, y: found.map(({ tensorBytes }) => tensorBytes / 1e6) }], {
        ...common,
        title: 'Tensors at the peak',
        yLabel: 'MB',
      }),
    );
  }
  for (const { value, seconds, tensorBytes, measured } of found) {
    const cells = [
      ...[axis.label.replace(/^pixels.*/, 'side of a picture'), value, (tensorBytes / 1e6).toFixed(2)],
      measured ? (measured.peakBytes / 1e6).toFixed(0) : '',
      ...[measured?.seconds.toFixed(2) ?? '', seconds.toFixed(2)],
    ];
    rows.push(`| ${cells.join(' | ')} |`);
  }
}
process.stdout.write(
  `| | | tensors, MB | process, MB | processor seconds | planned |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`,
);
