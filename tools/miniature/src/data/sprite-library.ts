import { animalDrawings, bookDrawings, type Drawing } from './drawing.js';
import type { IconSet } from './icon-set.js';
import { renderSprite, type Sprite } from './sprite.js';

/** A drawing with its pixels. */
export interface DrawnSprite {
  readonly drawing: Drawing;
  readonly sprite: Sprite;
}

/** Drawings, rasterised. */
export interface SpriteLibrary {
  readonly animals: ReadonlyMap<string, readonly DrawnSprite[]>;
  readonly books: readonly DrawnSprite[];
}

async function renderAll(drawings: readonly Drawing[]): Promise<DrawnSprite[]> {
  const drawn: DrawnSprite[] = [];
  for (const drawing of drawings) {
    const sprite = await renderSprite(drawing);
    if (!sprite) throw new Error(`The icon ${drawing.setId}:${drawing.icon} of "${drawing.label}" is empty.`);
    drawn.push({ drawing, sprite });
  }
  return drawn;
}

/** Rasterises the animals, or only the named ones, and the books of some sets, those of the captioned scenes if none are named. */
export async function loadSpriteLibrary(
  only?: readonly string[],
  sets?: readonly IconSet[],
): Promise<SpriteLibrary> {
  const animals = new Map<string, readonly DrawnSprite[]>();
  for (const [animal, drawings] of animalDrawings(sets)) {
    if (!only || only.includes(animal)) animals.set(animal, await renderAll(drawings));
  }
  return { animals, books: await renderAll(bookDrawings(sets)) };
}
