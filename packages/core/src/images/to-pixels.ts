import { DraftError } from '../errors/draft-error.js';
import type { Pixels } from './pixels.js';

/** `[0, 1]` to `0..255` as diffusers does it: clamped, scaled in float32, rounded with ties to even. */
function toByte(value: number): number {
  const scaled = Math.fround(255 * Math.min(1, Math.max(0, value)));
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/**
 * Images as pictures: `round(255 · clamp(x, 0, 1))`; NaN becomes black.
 * @param images `[n, height, width, 3]`, row-major.
 */
export function toPixels(images: ArrayLike<number>, shape: readonly number[]): Pixels[] {
  const [count = 0, height = 0, width = 0, channels = 0] = shape;
  const size = 3 * width * height;
  if (shape.length !== 4 || channels !== 3 || images.length !== count * size) {
    throw new DraftError(
      'DRAFT_IMAGE_SHAPE',
      `Pictures are made of [n, height, width, 3], not of ${images.length} numbers as [${shape.join(', ')}].`,
    );
  }
  return Array.from({ length: count }, (_, image) => {
    const data = Uint8Array.from({ length: size }, (_, i) => toByte(images[image * size + i]!));
    return { width, height, data };
  });
}

/** Pictures as images `[n, height, width, 3]` in `[0, 1]`, row-major; all of one size. */
export function fromPixels(pictures: readonly Pixels[]): {
  readonly shape: readonly [number, number, number, 3];
  readonly data: Float32Array<ArrayBuffer>;
} {
  const { width, height } = pictures[0] ?? { width: 0, height: 0 };
  const data = new Float32Array(pictures.length * 3 * width * height);
  pictures.forEach((picture, image) => {
    if (picture.width !== width || picture.height !== height) {
      throw new DraftError(
        'DRAFT_IMAGE_SHAPE',
        `Pictures of one batch have one size: ${picture.width}×${picture.height} is not ${width}×${height}.`,
      );
    }
    const start = image * picture.data.length;
    for (let i = 0; i < picture.data.length; i++) data[start + i] = picture.data[i]! / 255;
  });
  return { shape: [pictures.length, height, width, 3], data };
}
