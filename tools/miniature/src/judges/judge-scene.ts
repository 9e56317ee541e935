import { drawBackground } from '../data/background/draw-background.js';
import { canvasBytes, createCanvas, imageSize } from '../data/canvas.js';
import type { CaptionFacts } from '../data/caption.js';
import type { Style } from '../data/icon-set.js';
import { type Box, type Placement, paintSprite } from '../data/paint-sprite.js';
import { createRandomSource, mixSeed, type RandomSource } from '../data/random-source.js';
import { paintGroundShadow, placeAlone, placePair, shadedGrounds } from '../data/scene.js';
import type { DrawnSprite, SpriteLibrary } from '../data/sprite-library.js';

/** An object in a picture; the box in pixels. */
export interface SceneObject {
  /** An animal, or `book`. */
  readonly label: string;
  readonly box: Box;
  readonly style?: Style;
  readonly face: boolean;
}

/** What is known of a scene. */
export interface JudgeFacts {
  readonly objects: readonly SceneObject[];
  readonly background: CaptionFacts['background'];
}

/**
 * The kinds of scenes, with the share of each: an animal alone as the miniature draws it, one beside a book, one to three
 * objects of any size anywhere, a third of them books, and nothing but a background.
 */
const sceneKinds = [
  ['alone', 0.5],
  ['pair', 0.18],
  ['group', 0.27],
  ['nothing', 0.05],
] as const;

/** Richer than the captioned scenes', as judges have to know places as well as animals. */
const backgrounds = {
  alone: { plain: 0.5, landscape: 0.36, texture: 0.14 },
  pair: { plain: 0.68, landscape: 0.24, texture: 0.08 },
  group: { plain: 0.64, landscape: 0.24, texture: 0.12 },
  nothing: { plain: 0.4, landscape: 0.4, texture: 0.2 },
} as const;

/** Sides of the objects of a group, as shares of the picture. */
const smallest = 0.22;
const largest = { one: 0.85, several: 0.6 } as const;

const overlap = (a: Placement, b: Placement): boolean =>
  Math.max(Math.abs(a.centreX - b.centreX), Math.abs(a.centreY - b.centreY)) < 0.42 * (a.size + b.size);

function placeFree(others: readonly Placement[], most: number, random: RandomSource): Placement | undefined {
  for (let attempt = 0; attempt < 12; attempt++) {
    const size = imageSize * random.between(smallest, most);
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

interface Placed {
  readonly drawn: DrawnSprite;
  readonly at: Placement;
}

function placeGroup(library: SpriteLibrary, random: RandomSource): readonly Placed[] {
  const animals = [...library.animals.values()];
  const count = 1 + random.integer(3);
  const placed: Placed[] = [];
  for (let i = 0; i < count; i++) {
    const others = placed.map(({ at }) => at);
    const at = placeFree(others, count === 1 ? largest.one : largest.several, random);
    if (!at) continue;
    const drawings = random.chance(1 / 3) ? library.books : random.pick(animals);
    placed.push({ drawn: random.pick(drawings), at });
  }
  return placed;
}

function placeBeside(library: SpriteLibrary, animal: DrawnSprite, random: RandomSource): readonly Placed[] {
  const own = library.books.filter(({ drawing }) => drawing.setId === animal.drawing.setId);
  const book = random.pick(own.length > 0 ? own : library.books);
  const [first, second] = placePair(animal.sprite, book.sprite, random);
  return [
    { drawn: animal, at: first },
    { drawn: book, at: second },
  ];
}

/** Draws the scene `index` of a seed: the same one each time, whatever was drawn before. */
export function drawJudgeScene(library: SpriteLibrary, seed: number, index: number) {
  const random = createRandomSource(mixSeed(seed, 6, index));
  const kind = random.pickWeighted(sceneKinds);
  const animal = random.pick(random.pick([...library.animals.values()]));
  const placed =
    kind === 'group'
      ? placeGroup(library, random)
      : kind === 'pair'
        ? placeBeside(library, animal, random)
        : [];
  const sprites = kind === 'alone' ? [animal] : placed.map(({ drawn }) => drawn);
  const background = drawBackground(
    backgrounds[kind],
    sprites.map(({ sprite }) => sprite.edge),
    random,
  );
  const canvas = createCanvas();
  background.paint(canvas);
  const all =
    kind === 'alone' ? [{ drawn: animal, at: placeAlone(animal.sprite, background, random) }] : placed;
  if (kind === 'alone' && !animal.drawing.face && shadedGrounds.has(background.word)) {
    paintGroundShadow(canvas, animal.sprite, all[0]!.at);
  }
  const objects = all.map(({ drawn: { drawing, sprite }, at }): SceneObject => {
    const style = drawing.style ? { style: drawing.style } : {};
    return { label: drawing.label, box: paintSprite(canvas, sprite, at), ...style, face: drawing.face };
  });
  const { word, color } = background;
  const facts: JudgeFacts = {
    objects,
    background: { kind: background.kind, word, ...(color ? { color } : {}) },
  };
  return { pixels: canvasBytes(canvas), facts };
}
