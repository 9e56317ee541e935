// Trains the miniature on each reward and shows what came of it; what is finished is not done again.
// npm run reward-examples -w @draft/tools-reward-examples -- [NAME …] [--output runs/rewards] [--images docs/images] [--show]
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { commandText } from '../../../packages/cli/src/setup/command-text.js';
import { type Example, examples } from './examples.js';
import { argumentsOf, isFinished, runExample } from './run-example.js';
import { rowsOf, writeStrip } from './show-example.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: 'string', default: join(root, 'runs/rewards') },
    images: { type: 'string', default: join(root, 'docs/images') },
    show: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const find = (name: string): Example => {
  const example = examples.find((each) => each.name === name);
  if (example === undefined) throw new Error(`there is no example named ${name}`);
  return example;
};
const chosen = positionals.length === 0 ? examples : positionals.map(find);

const table: string[] = [];
for (const example of chosen) {
  if (values.list) {
    console.log(`${example.name}\n  ${commandText(argumentsOf(example))}`);
    continue;
  }
  const folder = resolve(values.output, example.name);
  if (!values.show) {
    const status = await runExample(folder, example);
    if (status !== 0) process.exit(status);
  }
  if (!isFinished(folder, example)) continue;
  mkdirSync(values.images, { recursive: true });
  const path = join(values.images, `reward-${example.name}.png`);
  const bytes = await writeStrip(folder, path);
  console.log(`${path}: ${bytes} bytes`);
  table.push(...rowsOf(example.name, folder));
}
if (table.length > 0) {
  const head = [
    '| reward | iterations | pictures | training prompts | held-out prompts |',
    '|---|---|---|---|---|',
  ];
  console.log(`\n${[...head, ...table].join('\n')}`);
}
