import { fillCanvas } from '../canvas.js';
import { type ColorName, mixColors, shadeOf } from '../color.js';
import type { RandomSource } from '../random-source.js';
import type { Background } from './background.js';

/** One flat colour. */
export function createFlatBackground(name: ColorName, random: RandomSource): Background {
  const color = shadeOf(name, random);
  return { kind: 'plain', word: name, tones: [color], paint: (canvas) => fillCanvas(canvas, () => color) };
}

/** A colour that falls off from a light middle or from one side: still one colour word. */
export function createGradientBackground(name: ColorName, random: RandomSource): Background {
  const color = shadeOf(name, random);
  const light = mixColors(color, [255, 255, 255], random.between(0.3, 0.5));
  const dark = mixColors(color, [0, 0, 0], random.between(0.04, 0.14));
  const radial = random.chance(0.5);
  // Most light comes from above.
  const angle = -Math.PI / 2 + random.bell() * 0.5;
  const across = Math.cos(angle);
  const down = Math.sin(angle);
  return {
    kind: 'plain',
    word: name,
    tones: [color],
    paint: (canvas) =>
      fillCanvas(canvas, (x, y) => {
        const share = radial
          ? Math.hypot(x - 0.5, y - 0.5) / 0.72
          : 0.5 - ((x - 0.5) * across + (y - 0.5) * down) * 0.9;
        return mixColors(light, dark, Math.min(1, Math.max(0, share)));
      }),
  };
}
