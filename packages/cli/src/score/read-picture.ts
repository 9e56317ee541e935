import { readFileSync } from 'node:fs';
import { decodePng, explainFileError, type Pixels } from '@draft/core';
import { DraftError } from '@draft/core/plugins';

/** The endings of the files that can be read. */
export const pictureEndings = /\.(png|jpe?g|webp)$/i;

const starts = (bytes: Uint8Array, text: string, at = 0): boolean =>
  Buffer.from(bytes.subarray(at, at + text.length)).toString('latin1') === text;

/** Which format a file has, by its first bytes. */
const formatOf = (bytes: Uint8Array): 'png' | 'jpeg' | 'webp' | undefined => {
  if (starts(bytes, '\u0089PNG\r\n')) return 'png';
  if (starts(bytes, '\u00ff\u00d8\u00ff')) return 'jpeg';
  if (starts(bytes, 'RIFF') && starts(bytes, 'WEBP', 8)) return 'webp';
  return undefined;
};

const loadSharp = async (name: string): Promise<typeof import('sharp')['default']> => {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new DraftError(
      'DRAFT_DECODER_MISSING',
      `${name} needs sharp, the decoder of JPEG and WebP, which does not load on this machine: convert it to PNG.`,
      { cause },
    );
  }
};

/**
 * Reads a picture: PNG, JPEG (turned as its EXIF data says) or WebP, as 8-bit sRGB; transparency is laid on white.
 * @param name What messages call the file.
 * @throws DraftError `DRAFT_IMAGE_INVALID` where it is none of them or damaged, or an error of the disk.
 */
export const readPicture = async (path: string, name: string): Promise<Pixels> => {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path: name });
  }
  const format = formatOf(bytes);
  if (format === undefined) {
    throw new DraftError('DRAFT_IMAGE_INVALID', `${name} is neither a PNG, a JPEG nor a WebP picture.`);
  }
  if (format === 'png') return decodePng(bytes, name);
  const sharp = await loadSharp(name);
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated' })
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels === 3) return { width, height, data };
    // A grey picture stays one channel.
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0; i < rgb.length; i += 1) rgb[i] = data[Math.floor(i / 3) * channels] ?? 0;
    return { width, height, data: rgb };
  } catch (cause) {
    const kind = format === 'jpeg' ? 'JPEG' : 'WebP';
    throw new DraftError('DRAFT_IMAGE_INVALID', `${name} is not a valid ${kind} file.`, { cause });
  }
};
