import sharp from 'sharp';
import { imageSize } from './canvas.js';

/** A sheet of pictures with a line of text under each. */
export interface SheetOptions {
  readonly columns: number;
  /** The side of a picture on the sheet, in pixels. */
  readonly side: number;
  readonly pictures: readonly { readonly pixels: Uint8Array; readonly text: string }[];
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Draws the sheet as a PNG file's bytes. */
export async function drawContactSheet({ columns, side, pictures }: SheetOptions): Promise<Buffer> {
  const gap = 6;
  const line = 16;
  const rows = Math.ceil(pictures.length / columns);
  const width = columns * (side + gap) + gap;
  const height = rows * (side + gap + line) + gap;
  const layers = await Promise.all(
    pictures.map(async ({ pixels }, index) => ({
      input: await sharp(pixels, { raw: { width: imageSize, height: imageSize, channels: 3 } })
        .resize(side, side, { kernel: side > imageSize ? 'cubic' : 'nearest' })
        .png()
        .toBuffer(),
      left: gap + (index % columns) * (side + gap),
      top: gap + Math.floor(index / columns) * (side + gap + line),
    })),
  );
  const texts = pictures.map(({ text }, index) => {
    const x = gap + (index % columns) * (side + gap) + side / 2;
    const y = gap + Math.floor(index / columns) * (side + gap + line) + side + 12;
    // Half the height is about the mean width of a letter.
    const size = Math.min(10, side / (text.length * 0.54)).toFixed(1);
    return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="middle" font-family="sans-serif">${escapeXml(text)}</text>`;
  });
  const writing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${texts.join('')}</svg>`;
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([...layers, { input: Buffer.from(writing), left: 0, top: 0 }])
    .png()
    .toBuffer();
}
