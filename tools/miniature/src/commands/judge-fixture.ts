import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Pixels, writeFileAtomically, writePng } from '@draft/core';
import { animalNames } from '../data/animals.js';
import { showsOneAnimal } from '../judges/draw-batch.js';
import type { JudgeFacts } from '../judges/judge-scene.js';
import { openJudgeScenes, side } from '../judges/judge-scenes.js';
import { heldOutPictures, type TestPicture } from '../judges/test-pictures.js';
import { runCommand } from './run-command.js';

const columns = 9;

/** Puts pictures side by side, row by row, without gaps. */
const sheetOf = (pictures: readonly TestPicture[]): Pixels => {
  const rows = Math.ceil(pictures.length / columns);
  const data = new Uint8Array(columns * rows * side * side * 3);
  pictures.forEach(({ pixels }, index) => {
    const [left, top] = [(index % columns) * side, Math.floor(index / columns) * side];
    for (let row = 0; row < side; row++) {
      const line = pixels.subarray(row * side * 3, (row + 1) * side * 3);
      data.set(
        Uint8Array.from(line, (value) => Math.round(255 * value)),
        ((top + row) * columns * side + left) * 3,
      );
    }
  });
  return { width: columns * side, height: rows * side, data };
};

/** Whether a scene shows two things, one of them a book. */
const showsBook = ({ objects }: JudgeFacts): boolean =>
  objects.length === 2 && objects.filter(({ label }) => label === 'book').length === 1;

// npm run judge-fixture: a held-out scene of each animal, and scenes with books, for the tests of the judges.
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      state: { type: 'string', default: join(homedir(), '.cache', 'draft', 'judges') },
      output: { type: 'string', default: resolve('../../packages/miniature/test/fixtures') },
    },
  });
  mkdirSync(values.output, { recursive: true });
  const scenes = heldOutPictures(await openJudgeScenes(values.state), Number.POSITIVE_INFINITY);
  const alone = scenes.filter(({ facts }) => showsOneAnimal(facts));
  const write = (name: string, pictures: readonly TestPicture[]): void => {
    writePng(join(values.output, `${name}.png`), sheetOf(pictures));
    const lines = pictures.map(({ facts }) => `  ${JSON.stringify(facts.objects)}`).join(',\n');
    writeFileAtomically(join(values.output, `${name}.json`), `[\n${lines}\n]\n`);
  };
  write(
    'scenes',
    animalNames.map((animal) => alone.find(({ facts }) => facts.objects[0]!.label === animal)!),
  );
  write('groups', scenes.filter(({ facts }) => showsBook(facts)).slice(0, 4 * columns));
});
