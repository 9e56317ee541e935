import type { Pixels } from './pixels.js';

/** Every pixel as a square of `factor × factor` pixels. */
export function enlarge(picture: Pixels, factor: number): Pixels {
  const width = picture.width * factor;
  const height = picture.height * factor;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(y / factor) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = 3 * (row + Math.floor(x / factor));
      data[to++] = picture.data[from]!;
      data[to++] = picture.data[from + 1]!;
      data[to++] = picture.data[from + 2]!;
    }
  }
  return { width, height, data };
}

/** Every square of `factor × factor` pixels as the mean of them; what is left over at the edges is cut. */
export function shrink(picture: Pixels, factor: number): Pixels {
  const width = Math.floor(picture.width / factor);
  const height = Math.floor(picture.height / factor);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let square = 0; square < factor * factor; square++) {
          const row = y * factor + Math.floor(square / factor);
          const column = x * factor + (square % factor);
          sum += picture.data[3 * (row * picture.width + column) + channel]!;
        }
        data[to++] = Math.round(sum / factor ** 2);
      }
    }
  }
  return { width, height, data };
}

/** Scales by a whole factor, up or down, so that the width comes as near to `width` as it can. */
export function scaleTowards(picture: Pixels, width: number): Pixels {
  if (picture.width <= width) return enlarge(picture, Math.max(1, Math.round(width / picture.width)));
  const factor = Math.max(1, Math.round(picture.width / width));
  return factor === 1 ? picture : shrink(picture, factor);
}
