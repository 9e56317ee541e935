import { side } from './judge-scenes.js';

/** What the aesthetic judge is taught to like, each a number that grows with it. */
export interface PictureTraits {
  /** Hasler and Süsstrunk's colourfulness of pixels in `[0, 1]`. */
  readonly colourfulness: number;
  /** Standard deviation of the luma. */
  readonly contrast: number;
}

const spread = (sum: number, squares: number, count: number): number =>
  Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));

/**
 * Measures a picture.
 * @param pixels `[64, 64, 3]` in `[0, 1]`.
 * @see Hasler and Süsstrunk 2003, Measuring colourfulness in natural images
 */
export const measureTraits = (pixels: Float32Array): PictureTraits => {
  const count = side * side;
  let [rg, rg2, yb, yb2, sum, squares] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const [red, green, blue] = [pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!];
    const across = red - green;
    const along = (red + green) / 2 - blue;
    rg += across;
    rg2 += across * across;
    yb += along;
    yb2 += along * along;
    const light = 0.299 * red + 0.587 * green + 0.114 * blue;
    sum += light;
    squares += light * light;
  }
  return {
    colourfulness:
      Math.hypot(spread(rg, rg2, count), spread(yb, yb2, count)) + 0.3 * Math.hypot(rg / count, yb / count),
    contrast: spread(sum, squares, count),
  };
};

/** Mean and standard deviation of each trait over the first 2000 scenes, which the preference is counted in. */
export const usualTraits = {
  colourfulness: [0.348, 0.129],
  contrast: [0.14, 0.055],
} as const satisfies Readonly<Record<keyof PictureTraits, readonly [number, number]>>;

/**
 * The made-up preference that the aesthetic judge learns: `5.5 + Σ (trait − mean) / deviation` over the two
 * traits, kept in 1 … 10. It is no person's taste.
 */
export const preference = (traits: PictureTraits): number => {
  const names = ['colourfulness', 'contrast'] as const;
  const total = names.reduce(
    (sum, name) => sum + (traits[name] - usualTraits[name][0]) / usualTraits[name][1],
    0,
  );
  return Math.min(10, Math.max(1, 5.5 + total));
};
