import { coverage, fillCanvas, imageSize, paintEllipse } from '../canvas.js';
import { type ColorName, mixColors, palette, shadeOf } from '../color.js';
import type { RandomSource } from '../random-source.js';
import type { Background } from './background.js';

/** The pattern words. */
export const textureNames = ['stripes', 'dots', 'checks', 'confetti'] as const;
/** A pattern word of the captions. */
export type TextureName = (typeof textureNames)[number];

const confettiColors = (['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink'] as const).map(
  (name) => palette[name],
);

/** A pattern in two shades of one colour; confetti is of all colours on one. */
export function createTextureBackground(
  texture: TextureName,
  name: ColorName,
  random: RandomSource,
): Background {
  const ground = shadeOf(name, random);
  const bright = ground[0] + ground[1] + ground[2] > 600;
  const mark = bright
    ? mixColors(ground, [60, 70, 90], random.between(0.16, 0.26))
    : mixColors(ground, [255, 255, 255], random.between(0.3, 0.45));
  const period = random.pick([8, 12, 16]);
  const shiftX = random.between(0, period);
  const shiftY = random.between(0, period);
  const angle = random.pick([0, Math.PI / 4, Math.PI / 2, -Math.PI / 4]);
  const specks = Array.from({ length: 46 }, () => ({
    x: random.next(),
    y: random.next(),
    radiusX: random.between(0.02, 0.045),
    radiusY: random.between(0.02, 0.045),
    color: random.pick(confettiColors),
  }));
  const wrap = (value: number): number => ((value % period) + period) % period;
  return {
    kind: 'texture',
    word: texture,
    color: name,
    tones: [mixColors(ground, mark, 0.4)],
    paint: (canvas) => {
      fillCanvas(canvas, (x, y) => {
        const column = x * imageSize + shiftX;
        const row = y * imageSize + shiftY;
        if (texture === 'stripes') {
          const along = wrap(column * Math.cos(angle) + row * Math.sin(angle));
          return mixColors(ground, mark, coverage(period / 4 - Math.abs(along - period / 2)));
        }
        if (texture === 'checks') {
          const inColumn = coverage(period / 4 - Math.abs(wrap(column) - period / 2));
          const inRow = coverage(period / 4 - Math.abs(wrap(row) - period / 2));
          return mixColors(ground, mark, inColumn + inRow - 2 * inColumn * inRow);
        }
        if (texture === 'dots') {
          // Every other row is moved by half a period.
          const odd = Math.floor(row / period) % 2 === 0 ? period / 2 : 0;
          const away = Math.hypot(wrap(column + odd) - period / 2, wrap(row) - period / 2);
          return mixColors(ground, mark, coverage(period * 0.28 - away));
        }
        return ground;
      });
      if (texture === 'confetti') for (const speck of specks) paintEllipse(canvas, speck, speck.color);
    },
  };
}
