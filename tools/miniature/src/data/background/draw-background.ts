import { type Color, type ColorName, colorDistance, colorNames } from '../color.js';
import type { RandomSource } from '../random-source.js';
import type { Background, BackgroundKind } from './background.js';
import { createLandscapeBackground, landscapeNames } from './landscape.js';
import { createFlatBackground, createGradientBackground } from './plain.js';
import { createTextureBackground, textureNames } from './texture.js';

/** The shares of the three families of backgrounds; they add up to 1. */
export type BackgroundMix = Readonly<Record<BackgroundKind, number>>;

// Grey and black are words that a prompt may use, but a lively sheet needs few of them.
const colorWeights = colorNames.map(
  (name) =>
    [name, name === 'gray' || name === 'black' ? 0.35 : 1] as const satisfies readonly [ColorName, number],
);

function drawAny(mix: BackgroundMix, random: RandomSource): Background {
  const kind = random.pickWeighted<BackgroundKind>([
    ['plain', mix.plain],
    ['landscape', mix.landscape],
    ['texture', mix.texture],
  ]);
  if (kind === 'landscape') return createLandscapeBackground(random.pick(landscapeNames), random);
  const color = random.pickWeighted(colorWeights);
  if (kind === 'texture') return createTextureBackground(random.pick(textureNames), color, random);
  return random.chance(0.6) ? createFlatBackground(color, random) : createGradientBackground(color, random);
}

/** The least distance of an outline from what is behind it, in units of 8-bit RGB. */
const readableDistance = 110;

/** Draws a background that differs from the given outline colours, the best of eight where none does. */
export function drawBackground(
  mix: BackgroundMix,
  edges: readonly Color[],
  random: RandomSource,
): Background {
  let best: Background | undefined;
  let bestDistance = -1;
  for (let attempt = 0; attempt < 8; attempt++) {
    const background = drawAny(mix, random);
    const distance = Math.min(
      ...edges.flatMap((edge) => background.tones.map((tone) => colorDistance(edge, tone))),
    );
    if (distance >= readableDistance) return background;
    if (distance > bestDistance) {
      best = background;
      bestDistance = distance;
    }
  }
  return best!;
}
