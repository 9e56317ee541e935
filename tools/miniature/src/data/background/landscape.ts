import { blendPixel, type Canvas, coverage, fillCanvas, imageSize, paintEllipse } from '../canvas.js';
import { type Color, mixColors } from '../color.js';
import type { RandomSource } from '../random-source.js';
import type { Background } from './background.js';

/** The place words. */
export const landscapeNames = ['grass', 'sea', 'night', 'snow', 'desert', 'sky'] as const;
/** A place word of the captions. */
export type LandscapeName = (typeof landscapeNames)[number];

interface Scenery {
  readonly skyTop: Color;
  readonly skyBottom: Color;
  readonly far?: Color;
  readonly near?: Color;
  readonly sun?: Color;
  readonly clouds?: number;
  readonly stars?: number;
  readonly flakes?: number;
  readonly waves?: boolean;
}

const white: Color = [255, 255, 255];

const scenery: Readonly<Record<LandscapeName, Scenery>> = {
  grass: {
    skyTop: [120, 196, 246],
    skyBottom: [206, 236, 252],
    far: [132, 204, 104],
    near: [92, 178, 78],
    sun: [255, 222, 96],
    clouds: 1,
  },
  sea: { skyTop: [136, 206, 246], skyBottom: [222, 243, 250], near: [38, 128, 196], clouds: 2, waves: true },
  night: {
    skyTop: [18, 24, 62],
    skyBottom: [58, 58, 122],
    far: [34, 40, 84],
    near: [26, 30, 64],
    sun: [250, 240, 196],
    stars: 26,
  },
  snow: {
    skyTop: [150, 190, 226],
    skyBottom: [214, 230, 244],
    far: [226, 236, 246],
    near: [246, 250, 254],
    flakes: 24,
  },
  desert: {
    skyTop: [252, 190, 120],
    skyBottom: [255, 228, 176],
    far: [232, 178, 108],
    near: [216, 152, 84],
    sun: [255, 244, 190],
  },
  sky: { skyTop: [88, 166, 240], skyBottom: [190, 226, 252], clouds: 5 },
};

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
}

const disc = (x: number, y: number, radius: number): Disc => ({ x, y, radiusX: radius, radiusY: radius });

/** A cloud is three discs on a line. */
function cloudDiscs(x: number, y: number, size: number): readonly Disc[] {
  return [
    disc(x, y, size),
    { x: x - size, y: y + size * 0.4, radiusX: size, radiusY: size * 0.6 },
    {
      x: x + size,
      y: y + size * 0.4,
      radiusX: size,
      radiusY: size * 0.6,
    },
  ];
}

/** Fills the picture below a wavy line. */
function paintHill(canvas: Canvas, heightAt: (x: number) => number, color: Color): void {
  for (let column = 0; column < imageSize; column++) {
    const top = heightAt((column + 0.5) / imageSize) * imageSize;
    for (let row = Math.max(0, Math.floor(top - 1)); row < imageSize; row++) {
      const shade = mixColors(color, [0, 0, 0], Math.min(0.14, ((row - top) / imageSize) * 0.3));
      blendPixel(canvas, column, row, shade, coverage(row + 0.5 - top));
    }
  }
}

/** A simple drawn place, seen from the front. */
export function createLandscapeBackground(name: LandscapeName, random: RandomSource): Background {
  const parts = scenery[name];
  const horizon = random.between(0.5, 0.68);
  const phase = random.between(0, 2 * Math.PI);
  const sunSide = random.chance(0.5) ? random.between(0.1, 0.22) : random.between(0.78, 0.9);
  const sun = disc(sunSide, random.between(0.1, 0.2), random.between(0.06, 0.09));
  const scatter = (count: number, low: number, high: number): Disc[] =>
    Array.from({ length: count }, () => disc(random.next(), random.next(), random.between(low, high)));
  const clouds = Array.from({ length: parts.clouds ?? 0 }, () =>
    cloudDiscs(random.next(), random.between(0.06, parts.near ? 0.3 : 0.92), random.between(0.05, 0.09)),
  ).flat();
  const stars = scatter(parts.stars ?? 0, 0.007, 0.014);
  const flakes = scatter(parts.flakes ?? 0, 0.012, 0.02);
  const waves = Array.from({ length: parts.waves ? 9 : 0 }, () => ({
    x: random.next(),
    y: random.between(horizon + 0.05, 0.98),
    radiusX: random.between(0.06, 0.13),
    radiusY: 0.009,
  }));
  const far = (x: number): number => horizon - 0.08 + 0.05 * Math.sin(phase + 5 * x);
  const near = (x: number): number =>
    parts.waves ? horizon : horizon + 0.1 + 0.035 * Math.sin(phase * 2 + 4 * x);
  return {
    kind: 'landscape',
    word: name,
    tones: [mixColors(parts.skyTop, parts.skyBottom, 0.6), ...(parts.near ? [parts.near] : [])],
    paint: (canvas) => {
      fillCanvas(canvas, (_, y) => mixColors(parts.skyTop, parts.skyBottom, Math.min(1, y / horizon)));
      for (const star of stars) paintEllipse(canvas, star, white, 0.9);
      if (parts.sun) paintEllipse(canvas, sun, parts.sun);
      for (const cloud of clouds) paintEllipse(canvas, cloud, white, 0.9);
      if (parts.far) paintHill(canvas, far, parts.far);
      if (parts.near) paintHill(canvas, near, parts.near);
      for (const wave of waves) paintEllipse(canvas, wave, white, 0.45);
      for (const flake of flakes) paintEllipse(canvas, flake, white, 0.95);
    },
  };
}
