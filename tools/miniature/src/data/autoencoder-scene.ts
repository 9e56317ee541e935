import { drawBackground } from './background/draw-background.js';
import { canvasBytes, createCanvas, imageSize } from './canvas.js';
import { type Drawing, objectDrawings } from './drawing.js';
import { paintSprite } from './paint-sprite.js';
import { createRandomSource, mixSeed, shuffledIndices } from './random-source.js';
import { drawScene, placeAlone } from './scene.js';
import { renderSprite, type Sprite } from './sprite.js';
import type { SpriteLibrary } from './sprite-library.js';

/** The share of the autoencoder's pictures that show the captioned animals; the others show anything. */
const animalShare = 0.6;

/** Draws picture `index` of the autoencoder's data. */
export type AutoencoderScenes = (index: number) => Promise<Uint8Array>; // [imageSize, imageSize, 3]

/** Opens the pictures that the autoencoder learns from: the animals, and every other icon of the sets. */
export function openAutoencoderScenes(library: SpriteLibrary, seed: number): AutoencoderScenes {
  const objects = objectDrawings();
  const order = shuffledIndices(objects.length, createRandomSource(mixSeed(seed, 3)));

  /** The object of this index, or the next one that has anything to see. */
  const visibleSprite = async (index: number): Promise<Sprite> => {
    for (let attempt = 0; attempt < objects.length; attempt++) {
      const drawing: Drawing = objects[order[(index + attempt) % order.length]!]!;
      const sprite = await renderSprite(drawing);
      if (sprite) return sprite;
    }
    throw new Error('None of the icon sets holds a visible drawing.');
  };

  return async (index) => {
    const random = createRandomSource(mixSeed(seed, 4, index));
    // Other animals than those of the captioned scenes' own seed.
    if (random.chance(animalShare)) return drawScene(library, mixSeed(seed, 5), index).pixels;
    const sprite = await visibleSprite(index);
    const background = drawBackground({ plain: 0.5, landscape: 0.25, texture: 0.25 }, [sprite.edge], random);
    const canvas = createCanvas();
    background.paint(canvas);
    const place = placeAlone(sprite, background, random);
    // Some nearer, some farther, than animals ever are, and half of them the other way round.
    const size = place.size * random.between(0.6, 1.25);
    paintSprite(canvas, sprite, { ...place, size, mirrored: random.chance(0.5) });
    return canvasBytes(canvas);
  };
}

/** The bytes of one picture. */
export const imageBytes = imageSize * imageSize * 3;
