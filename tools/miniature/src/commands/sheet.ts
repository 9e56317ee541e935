import { parseArgs } from 'node:util';
import { createAtomicFile } from '../data/atomic-file.js';
import { openAutoencoderScenes } from '../data/autoencoder-scene.js';
import { canvasBytes, createCanvas, fillCanvas, imageSize } from '../data/canvas.js';
import { drawContactSheet } from '../data/contact-sheet.js';
import { paintSprite } from '../data/paint-sprite.js';
import { drawScene } from '../data/scene.js';
import { loadSpriteLibrary, type SpriteLibrary } from '../data/sprite-library.js';
import { runCommand, wholeNumber } from './run-command.js';

interface Picture {
  readonly pixels: Uint8Array;
  readonly text: string;
}

const kinds = ['scenes', 'drawings', 'autoencoder'] as const;

/** Each drawing of each animal, upright on grey: for checking that every one is the animal it is said to be. */
function drawingPictures(library: SpriteLibrary): Picture[] {
  return [...library.animals.values(), library.books].flat().map(({ drawing, sprite }) => {
    const canvas = createCanvas();
    fillCanvas(canvas, () => [214, 222, 228]);
    const centre = imageSize / 2;
    paintSprite(canvas, sprite, { centreX: centre, centreY: centre, size: 58, angle: 0, mirrored: false });
    const text = `${drawing.label}${drawing.face ? ' face' : ''} ${drawing.setId} ${drawing.plainWeight.toFixed(1)}`;
    return { pixels: canvasBytes(canvas), text };
  });
}

// npm run sheet -- FILE.png [--of scenes|drawings|autoencoder] [--from N] [--count N] [--columns N] [--side N] [--seed N]
await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      of: { type: 'string', default: 'scenes' },
      from: { type: 'string', default: '0' },
      count: { type: 'string', default: '90' },
      columns: { type: 'string', default: '10' },
      side: { type: 'string', default: '128' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [file] = positionals;
  if (!file) throw new Error('Name the picture to write, as in: npm run sheet -- sheet.png');
  const kind = kinds.find((name) => name === values.of);
  if (!kind) throw new Error(`--of takes one of ${kinds.join(', ')}, not "${values.of}".`);
  const seed = wholeNumber('seed', values.seed);
  const from = wholeNumber('from', values.from);
  const indices = Array.from({ length: wholeNumber('count', values.count, 1) }, (_, index) => from + index);
  const library = await loadSpriteLibrary();
  let pictures: Picture[] = [];
  if (kind === 'drawings') pictures = drawingPictures(library).slice(from, from + indices.length);
  if (kind === 'scenes') {
    pictures = indices.map((index) => {
      const { pixels, facts } = drawScene(library, seed, index);
      return { pixels, text: facts.caption || '(empty)' };
    });
  }
  if (kind === 'autoencoder') {
    const scene = openAutoencoderScenes(library, seed);
    for (const index of indices) pictures.push({ pixels: await scene(index), text: '' });
  }
  const png = await drawContactSheet({
    columns: wholeNumber('columns', values.columns, 1),
    side: wholeNumber('side', values.side, 8),
    pictures,
  });
  const output = createAtomicFile(file);
  output.append(png);
  output.commit();
});
