import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAtomicFile } from '../data/atomic-file.js';
import { drawBackground } from '../data/background/draw-background.js';
import { canvasBytes, createCanvas, imageSize } from '../data/canvas.js';
import { type Box, type Placement, paintSprite } from '../data/paint-sprite.js';
import { createRandomSource, mixSeed, type RandomSource } from '../data/random-source.js';
import { type DrawnSprite, loadSpriteLibrary, type SpriteLibrary } from '../data/sprite-library.js';
import { openRawPictures } from './judge-scenes.js';

/** An object in a picture; the box in pixels. */
export interface LabelledBox {
  readonly label: string;
  readonly box: Box;
}

/** Pictures of one to three objects, for a detector. */
export interface GroupScenes {
  readonly boxes: readonly (readonly LabelledBox[])[];
  /** The bytes of a picture, `[64, 64, 3]`; valid until the next call. */
  read(scene: number): Uint8Array;
}

/** How many are drawn; the last are held out. */
export const groupScenes = 3000;
export const heldOutGroups = 300;

const overlap = (a: Placement, b: Placement): boolean =>
  Math.max(Math.abs(a.centreX - b.centreX), Math.abs(a.centreY - b.centreY)) < 0.42 * (a.size + b.size);

function place(others: readonly Placement[], most: number, random: RandomSource): Placement | undefined {
  for (let attempt = 0; attempt < 12; attempt++) {
    const size = imageSize * random.between(0.3, most);
    const slack = imageSize - size;
    const placement = {
      centreX: size / 2 + random.between(0, slack),
      centreY: size / 2 + random.between(0, slack),
      size,
      angle: (random.bell() * 4 * Math.PI) / 180,
      mirrored: random.chance(0.5),
    };
    if (others.every((other) => !overlap(placement, other))) return placement;
  }
  return undefined;
}

/** Draws a picture of one to three objects, a third of them books. */
export function drawGroup(library: SpriteLibrary, index: number) {
  const random = createRandomSource(mixSeed(81, index));
  const animals = [...library.animals.entries()];
  const count = 1 + random.integer(3);
  const chosen: { readonly label: string; readonly drawn: DrawnSprite; readonly at: Placement }[] = [];
  for (let i = 0; i < count; i++) {
    const at = place(
      chosen.map((one) => one.at),
      count === 1 ? 0.8 : 0.6,
      random,
    );
    if (!at) continue;
    if (random.chance(1 / 3)) {
      chosen.push({ label: 'book', drawn: random.pick(library.books), at });
    } else {
      const [label, drawings] = random.pick(animals);
      chosen.push({ label, drawn: random.pick(drawings), at });
    }
  }
  const canvas = createCanvas();
  const mix = { plain: 0.7, landscape: 0.2, texture: 0.1 };
  drawBackground(
    mix,
    chosen.map(({ drawn }) => drawn.sprite.edge),
    random,
  ).paint(canvas);
  const boxes = chosen.map(({ label, drawn, at }) => ({ label, box: paintSprite(canvas, drawn.sprite, at) }));
  return { pixels: canvasBytes(canvas), boxes };
}

/** Draws the groups once, into the state's folder. */
export const openGroupScenes = async (folder: string): Promise<GroupScenes> => {
  const [pictures, facts] = [join(folder, 'groups.u8'), join(folder, 'groups.json')];
  if (!existsSync(facts)) {
    const library = await loadSpriteLibrary();
    const file = createAtomicFile(pictures);
    const boxes = [];
    for (let index = 0; index < groupScenes; index++) {
      const group = drawGroup(library, index);
      file.append(group.pixels);
      boxes.push(group.boxes);
    }
    file.commit();
    const list = createAtomicFile(facts);
    list.append(Buffer.from(JSON.stringify(boxes)));
    list.commit();
  }
  const boxes = JSON.parse(readFileSync(facts, 'utf8')) as LabelledBox[][];
  return { boxes, read: openRawPictures(pictures) };
};
