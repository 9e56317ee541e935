import { type Canvas, imageSize } from './canvas.js';
import type { Sprite } from './sprite.js';

/** Where and how a sprite is put on a picture, in pixels of the picture. */
export interface Placement {
  readonly centreX: number;
  readonly centreY: number;
  /** The longer side of the sprite. */
  readonly size: number;
  /** Clockwise, in radians. */
  readonly angle: number;
  readonly mirrored: boolean;
}

/** The corners of what is visible of an object, in pixels: left, top, right, bottom. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Adds the premultiplied value between four pixels to `sum`; nothing outside the sprite. */
function addSample({ width, height, pixels }: Sprite, x: number, y: number, sum: Float64Array): void {
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  if (left < -1 || top < -1 || left >= width || top >= height) return;
  const shareX = x - 0.5 - left;
  const shareY = y - 0.5 - top;
  for (let corner = 0; corner < 4; corner++) {
    const column = left + (corner & 1);
    const row = top + (corner >> 1);
    if (column < 0 || row < 0 || column >= width || row >= height) continue;
    const at = (row * width + column) * 4;
    if (pixels[at + 3] === 0) continue;
    const weight = (corner & 1 ? shareX : 1 - shareX) * (corner >> 1 ? shareY : 1 - shareY);
    // Written out: this is the innermost loop of the whole data set.
    sum[0]! += pixels[at]! * weight;
    sum[1]! += pixels[at + 1]! * weight;
    sum[2]! += pixels[at + 2]! * weight;
    sum[3]! += pixels[at + 3]! * weight;
  }
}

/** Paints a sprite over a picture, supersampled, and returns the box of its visible pixels. */
export function paintSprite(canvas: Canvas, sprite: Sprite, placement: Placement): Box {
  const scale = Math.max(sprite.width, sprite.height) / placement.size;
  const cosine = Math.cos(placement.angle) * scale;
  const sine = Math.sin(placement.angle) * scale;
  const side = Math.max(2, Math.ceil(scale));
  const reach = Math.hypot(sprite.width, sprite.height) / scale / 2 + 1;
  const box = [imageSize, imageSize, 0, 0];
  const sum = new Float64Array(4);
  const first = (centre: number): number => Math.max(0, Math.floor(centre - reach));
  const last = (centre: number): number => Math.min(imageSize - 1, Math.ceil(centre + reach));
  for (let row = first(placement.centreY); row <= last(placement.centreY); row++) {
    for (let column = first(placement.centreX); column <= last(placement.centreX); column++) {
      sum.fill(0);
      for (let sub = 0; sub < side * side; sub++) {
        const awayX = column + ((sub % side) + 0.5) / side - placement.centreX;
        const awayY = row + (Math.floor(sub / side) + 0.5) / side - placement.centreY;
        const across = awayX * cosine + awayY * sine;
        const x = sprite.width / 2 + (placement.mirrored ? -across : across);
        addSample(sprite, x, sprite.height / 2 - awayX * sine + awayY * cosine, sum);
      }
      const alpha = sum[3]! / (side * side * 255);
      if (alpha <= 0.004) continue;
      const at = (row * imageSize + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        canvas[at + channel] = canvas[at + channel]! * (1 - alpha) + sum[channel]! / (side * side);
      }
      if (alpha < 0.3) continue;
      box[0] = Math.min(box[0]!, column);
      box[1] = Math.min(box[1]!, row);
      box[2] = Math.max(box[2]!, column + 1);
      box[3] = Math.max(box[3]!, row + 1);
    }
  }
  return [box[0]!, box[1]!, box[2]!, box[3]!];
}
