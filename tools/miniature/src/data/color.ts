import type { RandomSource } from './random-source.js';

/** Red, green and blue, 0–255. */
export type Color = readonly [red: number, green: number, blue: number];

/** The colour at `share` of the way from one to the other. */
export function mixColors(from: Color, to: Color, share: number): Color {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}

/** How far apart two colours are, in units of 8-bit RGB. */
export function colorDistance(one: Color, other: Color): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

/** The colours that captions name. */
export const palette = {
  red: [226, 74, 77],
  orange: [247, 148, 60],
  yellow: [255, 214, 82],
  green: [92, 190, 106],
  teal: [58, 184, 176],
  blue: [78, 156, 232],
  purple: [146, 112, 218],
  pink: [247, 160, 196],
  white: [246, 245, 240],
  gray: [160, 168, 178],
  black: [38, 41, 50],
} as const satisfies Readonly<Record<string, Color>>;

/** A colour word of the captions. */
export type ColorName = keyof typeof palette;

/** The colour words. */
export const colorNames = Object.keys(palette) as readonly ColorName[];

/** The shade of a named colour that one scene uses: a little lighter or darker, still the same word. */
export function shadeOf(name: ColorName, random: RandomSource): Color {
  const amount = random.between(-0.08, 0.14);
  const base = palette[name];
  return amount < 0 ? mixColors(base, [0, 0, 0], -amount) : mixColors(base, [255, 255, 255], amount);
}
