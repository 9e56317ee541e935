import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeFileAtomically } from '@draft/core';
import { planReportSchema } from '../../../packages/cli/src/plan/plan-report.js';
import { type Configuration, configurations } from './configurations.js';
import { bare, measureRun, median } from './measure-run.js';
import { runProgram } from './run-program.js';

const cli = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url));

/** One line of the table. */
interface Row {
  readonly name: string;
  readonly plannedBytes: number;
  readonly measuredBytes: number;
  readonly plannedSeconds: number;
  readonly measuredSeconds: number;
}

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    output: { type: 'string', default: 'plan-check.json' },
    only: { type: 'string' },
    again: { type: 'boolean', default: false },
    'plan-only': { type: 'boolean', default: false },
  },
});

const print = (line: string) => process.stdout.write(`${line}\n`);
const rows: Row[] = existsSync(values.output) ? JSON.parse(readFileSync(values.output, 'utf8')) : [];

const check = async ({ name, args, fullSize, iterations }: Configuration): Promise<void> => {
  const known = rows.find((row) => row.name === name);
  if (known !== undefined && !values.again && !values['plan-only']) return;
  const model = fullSize ? ['--model', values.model ?? ''] : [];
  const all = [...model, ...args, ...bare, '--iterations', String(iterations)];
  print(`draft plan ${all.join(' ')}`);
  const plan = planReportSchema.parse(JSON.parse(await runProgram(cli, ['plan', '--json', ...all])));
  const planned = { name, plannedBytes: plan.peakBytes, plannedSeconds: plan.secondsAnIteration };
  const measured =
    values['plan-only'] && known
      ? { measuredBytes: known.measuredBytes, measuredSeconds: known.measuredSeconds }
      : await measure(all);
  const row = { ...planned, ...measured };
  if (known === undefined) rows.push(row);
  else rows[rows.indexOf(known)] = row;
  writeFileAtomically(values.output, `${JSON.stringify(rows, null, 2)}\n`);
};

const measure = async (all: readonly string[]) => {
  const { peakBytes, iterations } = await measureRun(all);
  // The first iteration also records its functions.
  const later = iterations.slice(iterations.length > 1 ? 1 : 0);
  return { measuredBytes: peakBytes, measuredSeconds: median(later.map(({ seconds }) => seconds)) };
};

for (const configuration of configurations) {
  if (values.only !== undefined && !configuration.name.includes(values.only)) continue;
  if (configuration.fullSize && values.model === undefined) {
    print(`${configuration.name}: left out, as there is no --model`);
    continue;
  }
  await check(configuration);
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
print('| run | memory, planned | measured | ratio | time an iteration, planned | measured | ratio |');
print('|---|---|---|---|---|---|---|');
for (const row of rows) {
  const cells = [
    ...[row.name, megabytes(row.plannedBytes), megabytes(row.measuredBytes)],
    (row.plannedBytes / row.measuredBytes).toFixed(2),
    ...[`${row.plannedSeconds.toFixed(2)} s`, `${row.measuredSeconds.toFixed(2)} s`],
    (row.plannedSeconds / row.measuredSeconds).toFixed(2),
  ];
  print(`| ${cells.join(' | ')} |`);
}
