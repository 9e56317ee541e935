import type { Background } from './background/background.js';
import { drawBackground } from './background/draw-background.js';
import { canvasBytes, createCanvas, imageSize, paintEllipse } from './canvas.js';
import { emptyShare, plainCaption, richCaption } from './caption.js';
import { type Box, type Placement, paintSprite } from './paint-sprite.js';
import { createRandomSource, mixSeed, type RandomSource, shuffledIndices } from './random-source.js';
import type { Sprite } from './sprite.js';
import type { DrawnSprite, SpriteLibrary } from './sprite-library.js';

/** What is known of a scene: a line of `scenes.jsonl`. */
export interface SceneFacts {
  readonly caption: string;
  readonly animal: string;
  readonly style: string;
  readonly face: boolean;
  readonly background: string;
  /** What is visible where, in pixels. */
  readonly boxes: readonly { readonly label: string; readonly box: Box }[];
  /** Which drawing it is: `set:icon`. */
  readonly icon: string;
}

/** A picture and what is known of it. */
export interface Scene {
  readonly facts: SceneFacts;
  readonly pixels: Uint8Array; // [imageSize, imageSize, 3]
}

/** The kinds of scenes, with the share of each. */
const sceneKinds = [
  ['plain', 0.7],
  ['rich', 0.24],
  ['book', 0.06],
] as const;

/** Where a single object goes: a little off the middle, nearly upright, and looking where its artist let it look. */
export function placeAlone(sprite: Sprite, background: Background, random: RandomSource): Placement {
  const size = imageSize * random.between(0.8, background.kind === 'landscape' ? 0.88 : 0.94);
  const longer = Math.max(sprite.width, sprite.height);
  const slack = (side: number): number => ((imageSize - (side / longer) * size) / 2) * 0.65;
  // Sideways more than up and down: it is what a reward for symmetry can mend.
  const jitterX = Math.min(5, slack(sprite.width));
  const jitterY = Math.min(2, slack(sprite.height));
  // What stands in a place stands on its ground.
  const lower = background.kind === 'landscape' && background.word !== 'sky' ? 0.5 : 0;
  return {
    centreX: imageSize / 2 + random.between(-jitterX, jitterX),
    centreY: imageSize / 2 + random.between(-jitterY, jitterY) + lower * jitterY,
    size,
    angle: (random.bell() * 2 * Math.PI) / 180,
    mirrored: false,
  };
}

/** Where an animal and a book go: side by side, their feet on one line. */
export function placePair(
  animal: Sprite,
  book: Sprite,
  random: RandomSource,
): readonly [Placement, Placement] {
  const floor = imageSize * random.between(0.78, 0.92);
  const animalLeft = random.chance(0.5);
  const stand = (sprite: Sprite, share: number, x: number): Placement => {
    const size = imageSize * share;
    const height = (sprite.height / Math.max(sprite.width, sprite.height)) * size;
    return {
      centreX: imageSize * (animalLeft ? x : 1 - x),
      centreY: floor - height / 2,
      size,
      angle: (random.bell() * 4 * Math.PI) / 180,
      mirrored: random.chance(0.5),
    };
  };
  return [
    stand(animal, random.between(0.54, 0.64), random.between(0.3, 0.35)),
    stand(book, random.between(0.36, 0.44), random.between(0.76, 0.81)),
  ];
}

/** The places on whose ground a whole animal throws a shadow. */
export const shadedGrounds: ReadonlySet<string> = new Set(['grass', 'snow', 'desert']);

/** Draws the captioned scene `index` of a seed: the same one each time, whatever was drawn before. */
export function drawScene(library: SpriteLibrary, seed: number, index: number): Scene {
  const random = createRandomSource(mixSeed(seed, 1, index));
  // Every run of as many scenes as there are animals shows each once.
  const names = [...library.animals.keys()];
  const order = shuffledIndices(
    names.length,
    createRandomSource(mixSeed(seed, 2, Math.floor(index / names.length))),
  );
  const animal = names[order[index % names.length]!]!;
  const drawings = library.animals.get(animal)!;
  const kind = random.pickWeighted(sceneKinds);
  const main =
    kind === 'rich'
      ? random.pick(drawings)
      : random.pickWeighted(drawings.map((drawn) => [drawn, drawn.drawing.plainWeight] as const));
  const { style, face, setId, icon } = main.drawing;
  const books = library.books.filter(({ drawing }) => drawing.setId === setId);
  const book: DrawnSprite | undefined = kind === 'book' ? random.pick(books) : undefined;

  const background = drawBackground(
    kind === 'rich' ? { plain: 0.45, landscape: 0.35, texture: 0.2 } : { plain: 1, landscape: 0, texture: 0 },
    book ? [main.sprite.edge, book.sprite.edge] : [main.sprite.edge],
    random,
  );
  const canvas = createCanvas();
  background.paint(canvas);
  const boxes: { label: string; box: Box }[] = [];
  if (book) {
    const [animalPlace, bookPlace] = placePair(main.sprite, book.sprite, random);
    boxes.push({ label: animal, box: paintSprite(canvas, main.sprite, animalPlace) });
    boxes.push({ label: 'book', box: paintSprite(canvas, book.sprite, bookPlace) });
  } else {
    const place = placeAlone(main.sprite, background, random);
    if (!face && shadedGrounds.has(background.word)) paintGroundShadow(canvas, main.sprite, place);
    boxes.push({ label: animal, box: paintSprite(canvas, main.sprite, place) });
  }

  const captionFacts = { animal, style: style!, face, background, book: book !== undefined };
  const tellsMore = kind === 'rich' || (kind === 'book' && random.chance(0.4));
  const told = tellsMore ? richCaption(captionFacts, random) : plainCaption(captionFacts, random);
  return {
    pixels: canvasBytes(canvas),
    facts: {
      caption: random.chance(emptyShare) ? '' : told,
      animal,
      style: style!,
      face,
      background: background.color ? `${background.color} ${background.word}` : background.word,
      boxes,
      icon: `${setId}:${icon}`,
    },
  };
}

/** A soft dark ellipse under the feet. */
export function paintGroundShadow(canvas: Float32Array, sprite: Sprite, place: Placement): void {
  const scale = place.size / Math.max(sprite.width, sprite.height) / imageSize;
  paintEllipse(
    canvas,
    {
      x: place.centreX / imageSize,
      y: place.centreY / imageSize + (sprite.height * scale) / 2 - 0.012,
      radiusX: sprite.width * scale * 0.42,
      radiusY: 0.04,
    },
    [20, 30, 50],
    0.2,
  );
}
