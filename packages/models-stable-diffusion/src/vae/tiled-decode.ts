import { after, recomputed, type Tensor, type Tensor4D, tf } from '@draft/core';

/** How an image is decoded in tiles. */
export interface TileOptions {
  /** Side of a tile, in latents, at least 4; a quarter of it overlaps the next. */
  readonly side: number;
  /** Pixels a latent, along each side. */
  readonly factor: number;
}

/** Share of a tile that overlaps its neighbour. */
const overlap = 0.25;

/** Goes over from the end of `before` to the beginning of `x`, linearly along an axis, over `extent` pixels. */
function blend(before: Tensor4D, x: Tensor4D, extent: number, axis: 1 | 2): Tensor4D {
  const [from, size] = [before.shape[axis], x.shape[axis]];
  const width = Math.min(from, size, extent);
  if (width === 0) return x;
  const cut = (image: Tensor4D, start: number, length: number): Tensor4D => {
    const begin = [0, 0, 0, 0];
    const end: number[] = [...image.shape];
    begin[axis] = start;
    end[axis] = length;
    return tf.slice(image, begin, end);
  };
  const ramp = tf.reshape(
    tf.div(tf.range(0, width), width),
    axis === 1 ? [1, width, 1, 1] : [1, 1, width, 1],
  );
  const old = cut(before, from - width, width);
  const mixed: Tensor = tf.add(old, tf.mul(ramp, tf.sub(cut(x, 0, width), old)));
  return size === width
    ? (mixed as Tensor4D)
    : (tf.concat([mixed, cut(x, width, size - width)], axis) as Tensor4D);
}

/**
 * Decodes latents tile by tile, one after the other, and blends the tiles where they overlap, as diffusers does with
 * `enable_tiling`. The gradient is computed tile by tile too, each from its latents anew, so that memory is that of one
 * tile. Norms and attention see a tile instead of the image: colours and tones of the result differ a little from those of
 * decoding in one piece.
 * @param decode Decodes latents `[n, h, w, c]`, plain tensor code.
 * @returns `[n, factor · h, factor · w, channels]`.
 */
export function decodeInTiles(
  decode: (latents: Tensor4D) => Tensor4D,
  latents: Tensor4D,
  { side, factor }: TileOptions,
): Tensor4D {
  const [n, height, width, channels] = latents.shape;
  const stride = Math.floor(side * (1 - overlap));
  const extent = Math.floor(side * factor * overlap);
  const kept = side * factor - extent;
  const decodeTile = recomputed(decode, []);
  let last: Tensor4D | undefined;
  let above: readonly Tensor4D[] = [];
  const rows: Tensor4D[] = [];
  for (let top = 0; top < height; top += stride) {
    const row: Tensor4D[] = [];
    for (let left = 0; left < width; left += stride) {
      const size = [n, Math.min(side, height - top), Math.min(side, width - left), channels] as const;
      const part: Tensor4D = tf.slice(latents, [0, top, left, 0], [...size]);
      last = decodeTile(last ? after(part, last) : part);
      const over = above[row.length];
      const beside = row.at(-1);
      const joined = over ? blend(over, last, extent, 1) : last;
      row.push(beside ? blend(beside, joined, extent, 2) : joined);
    }
    above = row;
    rows.push(
      tf.concat(
        row.map((tile) => {
          const [, high, wide, colours] = tile.shape;
          return tf.slice(tile, [0, 0, 0, 0], [n, Math.min(kept, high), Math.min(kept, wide), colours]);
        }),
        2,
      ),
    );
  }
  return tf.concat(rows, 1);
}
