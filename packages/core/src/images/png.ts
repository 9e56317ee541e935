import { readFileSync } from 'node:fs';
import { convertIndexedToRgb, decode, encode } from 'fast-png';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from '../files/explain-file-error.js';
import { writeFileAtomically } from '../files/write-file-atomically.js';
import type { Pixels } from './pixels.js';

/** A picture as a PNG file, 8 bits RGB. */
export function encodePng({ width, height, data }: Pixels): Uint8Array {
  return encode({ width, height, data, channels: 3, depth: 8 });
}

/** The largest picture that is decoded, in pixels. */
const limit = 1 << 28;

/** Any samples as 8-bit RGB: grey repeated, transparency laid on white. */
function toRgb(samples: ArrayLike<number>, channels: number, maximum: number, count: number): Uint8Array {
  const rgb = new Uint8Array(3 * count);
  const opaque = channels % 2 === 1;
  for (let pixel = 0; pixel < count; pixel++) {
    const at = pixel * channels;
    const alpha = opaque ? 1 : samples[at + channels - 1]! / maximum;
    for (let channel = 0; channel < 3; channel++) {
      const value = samples[at + (channels < 3 ? 0 : channel)]! / maximum;
      rgb[3 * pixel + channel] = Math.round(255 * (1 - alpha + alpha * value));
    }
  }
  return rgb;
}

/**
 * A PNG file as a picture: any colour type and depth, turned into 8-bit RGB; transparency is laid on white.
 * @param name What the error message calls the file.
 * @throws DraftError `DRAFT_PNG_INVALID`.
 */
export function decodePng(bytes: Uint8Array, name = 'The picture'): Pixels {
  try {
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Refused before the decoder would make room for it.
    if (header.getUint32(16) * header.getUint32(20) > limit) throw new Error('is too large');
    const png = decode(bytes, { checkCrc: true });
    const { width, height, palette } = png;
    const count = width * height;
    if (palette) {
      const colours = convertIndexedToRgb(png);
      return { width, height, data: toRgb(colours, colours.length / count, 255, count) };
    }
    if (png.data.length !== count * png.channels) throw new Error('is incomplete');
    return { width, height, data: toRgb(png.data, png.channels, 2 ** png.depth - 1, count) };
  } catch (cause) {
    throw new DraftError('DRAFT_PNG_INVALID', `${name} is not a valid PNG file.`, { cause });
  }
}

/** Writes a picture as a PNG file, atomically. */
export function writePng(path: string, picture: Pixels): void {
  writeFileAtomically(path, encodePng(picture));
}

/** Reads a PNG file as a picture. @throws DraftError naming the file. */
export function readPng(path: string): Pixels {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  return decodePng(bytes, path);
}
