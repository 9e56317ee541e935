import type { Color } from './color.js';

/** The side of a picture, in pixels. */
export const imageSize = 64;

/** A picture being painted. */
export type Canvas = Float32Array; // [imageSize, imageSize, 3], 0–255

/** An empty, black picture. */
export function createCanvas(): Canvas {
  return new Float32Array(imageSize * imageSize * 3);
}

/** Gives each pixel the colour that `shade` returns for its centre, both coordinates in `[0, 1]`. */
export function fillCanvas(canvas: Canvas, shade: (x: number, y: number) => Color): void {
  for (let pixel = 0; pixel < imageSize * imageSize; pixel++) {
    const color = shade(
      ((pixel % imageSize) + 0.5) / imageSize,
      (Math.floor(pixel / imageSize) + 0.5) / imageSize,
    );
    canvas[pixel * 3] = color[0];
    canvas[pixel * 3 + 1] = color[1];
    canvas[pixel * 3 + 2] = color[2];
  }
}

/** Lays a colour over one pixel with an opacity in `[0, 1]`. */
export function blendPixel(canvas: Canvas, column: number, row: number, color: Color, opacity: number): void {
  const at = (row * imageSize + column) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const below = canvas[at + channel]!;
    canvas[at + channel] = below + (color[channel]! - below) * opacity;
  }
}

/** The share of a pixel that lies inside a shape whose edge is `distance` pixels away, positive inside. */
export function coverage(distance: number): number {
  return Math.min(1, Math.max(0, distance + 0.5));
}

/** Paints a soft-edged ellipse; centre and radii as shares of the picture. */
export function paintEllipse(
  canvas: Canvas,
  ellipse: { readonly x: number; readonly y: number; readonly radiusX: number; readonly radiusY: number },
  color: Color,
  opacity = 1,
): void {
  const radiusX = ellipse.radiusX * imageSize;
  const radiusY = ellipse.radiusY * imageSize;
  const centreX = ellipse.x * imageSize - 0.5;
  const centreY = ellipse.y * imageSize - 0.5;
  for (let row = Math.max(0, Math.floor(centreY - radiusY - 1)); row <= centreY + radiusY + 1; row++) {
    if (row >= imageSize) break;
    for (
      let column = Math.max(0, Math.floor(centreX - radiusX - 1));
      column <= centreX + radiusX + 1;
      column++
    ) {
      if (column >= imageSize) break;
      const away = Math.hypot((column - centreX) / radiusX, (row - centreY) / radiusY);
      const inside = coverage((1 - away) * Math.min(radiusX, radiusY));
      if (inside > 0) blendPixel(canvas, column, row, color, inside * opacity);
    }
  }
}

/** Rounds a picture to bytes. */
export function canvasBytes(canvas: Canvas): Uint8Array {
  const clamped = Uint8ClampedArray.from(canvas);
  return new Uint8Array(clamped.buffer);
}
