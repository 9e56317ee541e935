import sharp from 'sharp';
import type { Color } from './color.js';
import type { Drawing } from './drawing.js';
import { openIconSource, rasterSize } from './icon-source.js';

/** A drawing as pixels, cropped to what is visible. */
export interface Sprite {
  readonly width: number;
  readonly height: number;
  /** Premultiplied red, green, blue and alpha, 0–255. */
  readonly pixels: Uint8Array; // [height, width, 4]
  /** The mean colour of the outline: what a background must differ from. */
  readonly edge: Color;
}

const visible = 10;

/** The mean colour of the opaque pixels that touch a transparent one. */
function edgeColor(pixels: Uint8Array, width: number, height: number): Color {
  let red = 0;
  let green = 0;
  let blue = 0;
  let count = 0;
  const alphaAt = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : pixels[(y * width + x) * 4 + 3]!;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      if (pixels[at + 3]! < 200) continue;
      // Two pixels wide, so that a smooth outline counts too.
      if (Math.min(alphaAt(x - 2, y), alphaAt(x + 2, y), alphaAt(x, y - 2), alphaAt(x, y + 2)) > 60) continue;
      red += pixels[at]!;
      green += pixels[at + 1]!;
      blue += pixels[at + 2]!;
      count++;
    }
  }
  return count ? [red / count, green / count, blue / count] : [128, 128, 128];
}

/** Crops to the visible part and halves the size, averaging premultiplied values. */
function cropAndHalve(data: Uint8Array, width: number, height: number): Sprite | undefined {
  let left = width;
  let right = -1;
  let top = height;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3]! < visible) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (right - left < 8 || bottom - top < 8) return undefined;
  const outWidth = (right - left + 2) >> 1;
  const outHeight = (bottom - top + 2) >> 1;
  const pixels = new Uint8Array(outWidth * outHeight * 4);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const sum = [0, 0, 0, 0];
      for (let sub = 0; sub < 4; sub++) {
        const sourceX = left + 2 * x + (sub & 1);
        const sourceY = top + 2 * y + (sub >> 1);
        if (sourceX >= width || sourceY >= height) continue;
        const at = (sourceY * width + sourceX) * 4;
        const alpha = data[at + 3]!;
        for (let channel = 0; channel < 3; channel++) sum[channel]! += (data[at + channel]! * alpha) / 255;
        sum[3]! += alpha;
      }
      for (let channel = 0; channel < 4; channel++) {
        pixels[(y * outWidth + x) * 4 + channel] = Math.round(sum[channel]! / 4);
      }
    }
  }
  return { width: outWidth, height: outHeight, pixels, edge: edgeColor(pixels, outWidth, outHeight) };
}

/** Rasterises a drawing; undefined where nothing of it is visible. */
export async function renderSprite(drawing: Drawing): Promise<Sprite | undefined> {
  const { data, info } = await sharp(openIconSource(drawing.setId).read(drawing.icon))
    .resize(rasterSize, rasterSize, { fit: 'inside' })
    .ensureAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return cropAndHalve(data, info.width, info.height);
}
