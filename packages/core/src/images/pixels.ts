/** A picture of 8 bits per channel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGB, row by row from the top, `3 · width · height` bytes. */
  readonly data: Uint8Array;
}

/** An 8-bit colour: red, green, blue. */
export type Colour = readonly [number, number, number];

/** A picture of one colour. */
export function blankPixels(width: number, height: number, [red, green, blue]: Colour): Pixels {
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < data.length; ) {
    data[at++] = red;
    data[at++] = green;
    data[at++] = blue;
  }
  return { width, height, data };
}

/** Copies `source` into `target` with its upper left corner at `(x, y)`, cut at the edges. */
export function paste(target: Pixels, source: Pixels, x: number, y: number): void {
  const left = Math.max(0, -x);
  const right = Math.min(source.width, target.width - x);
  if (right <= left) return;
  for (let row = Math.max(0, -y); row < source.height && y + row < target.height; row++) {
    const from = 3 * (row * source.width + left);
    const line = source.data.subarray(from, from + 3 * (right - left));
    target.data.set(line, 3 * ((y + row) * target.width + x + left));
  }
}
