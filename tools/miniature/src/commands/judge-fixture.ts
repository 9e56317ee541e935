import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Pixels, writeFileAtomically, writePng } from '@draft/core';
import { animalNames } from '../data/animals.js';
import { groupScenes, heldOutGroups, openGroupScenes } from '../judges/group-scenes.js';
import { openJudgeScenes, side } from '../judges/judge-scenes.js';
import { runCommand } from './run-command.js';

const columns = 9;

/** Puts pictures side by side, row by row, without gaps. */
const sheetOf = (pictures: readonly Uint8Array[]): Pixels => {
  const rows = Math.ceil(pictures.length / columns);
  const data = new Uint8Array(columns * rows * side * side * 3);
  pictures.forEach((picture, index) => {
    const [left, top] = [(index % columns) * side, Math.floor(index / columns) * side];
    for (let row = 0; row < side; row++) {
      const line = picture.subarray(row * side * 3, (row + 1) * side * 3);
      data.set(line, ((top + row) * columns * side + left) * 3);
    }
  });
  return { width: columns * side, height: rows * side, data };
};

// npm run judge-fixture: a held-out scene of each animal, and groups with books, for the tests of the judges.
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: resolve('../../.cache/miniature') },
      state: { type: 'string', default: join(homedir(), '.cache', 'draft', 'judges') },
      output: { type: 'string', default: resolve('../../packages/miniature/test/fixtures') },
    },
  });
  mkdirSync(values.output, { recursive: true });
  const scenes = openJudgeScenes(values.data);
  const chosen = animalNames.map((animal) =>
    scenes.facts.findIndex(
      (facts, index) => index >= scenes.training && facts.animal === animal && facts.boxes.length === 1,
    ),
  );
  const groups = await openGroupScenes(values.state);
  const withBook = groups.boxes
    .map((boxes, index) => ({ boxes, index }))
    .filter(({ boxes }) => boxes.length === 2 && boxes.filter(({ label }) => label === 'book').length === 1)
    .filter(({ index }) => index >= groupScenes - heldOutGroups)
    .slice(0, columns);
  const write = (name: string, pictures: readonly Uint8Array[], facts: readonly unknown[]): void => {
    writePng(join(values.output, `${name}.png`), sheetOf(pictures));
    const lines = facts.map((fact) => `  ${JSON.stringify(fact)}`).join(',\n');
    writeFileAtomically(join(values.output, `${name}.json`), `[\n${lines}\n]\n`);
  };
  write(
    'scenes',
    chosen.map((index) => Uint8Array.from(scenes.read(index))),
    chosen.map((index) => ({ animal: scenes.facts[index]!.animal, style: scenes.facts[index]!.style })),
  );
  write(
    'groups',
    withBook.map(({ index }) => Uint8Array.from(groups.read(index))),
    withBook.map(({ boxes }) => boxes),
  );
});
