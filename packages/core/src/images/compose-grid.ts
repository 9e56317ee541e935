import { drawText, lineHeight, measureText, wrapText } from './draw-text.js';
import { blankPixels, type Colour, type Pixels, paste } from './pixels.js';
import { scaleTowards } from './scale-pixels.js';

/** One row of a grid. */
export interface GridRow {
  /** Stands to the left of the row. */
  readonly label?: string;
  readonly pictures: readonly Pixels[];
  /** Under each picture. */
  readonly captions?: readonly string[];
}

/** How a grid looks. */
export interface GridOptions {
  /** Above everything. */
  readonly title?: string;
  /** Above each column, in up to three lines. */
  readonly columns?: readonly string[];
  /** The width towards which pictures are scaled by a whole factor. @default 192 */
  readonly pictureWidth?: number;
}

const white: Colour = [255, 255, 255];
const dark: Colour = [38, 42, 48];
const grey: Colour = [104, 110, 120];
const hairline: Colour = [222, 225, 230];

const margin = 32;
const gap = 16;

/** Draws a frame around a picture, one pixel wide, outside it. */
function frame(canvas: Pixels, x: number, y: number, width: number, height: number): void {
  const horizontal = blankPixels(width + 2, 1, hairline);
  const vertical = blankPixels(1, height + 2, hairline);
  paste(canvas, horizontal, x - 1, y - 1);
  paste(canvas, horizontal, x - 1, y + height);
  paste(canvas, vertical, x - 1, y - 1);
  paste(canvas, vertical, x + width, y - 1);
}

/** Lays out pictures in rows and columns on white, with labels to the left, above and below; long texts wrap. */
export function composeGrid(rows: readonly GridRow[], options: GridOptions = {}): Pixels {
  const { title, columns = [], pictureWidth = 192 } = options;
  const scaled = rows.map(({ pictures }) => pictures.map((picture) => scaleTowards(picture, pictureWidth)));
  const all = scaled.flat();
  const cellWidth = all.reduce((most, { width }) => Math.max(most, width), 0);
  const cellHeight = all.reduce((most, { height }) => Math.max(most, height), 0);
  const columnCount = Math.max(0, ...scaled.map((row) => row.length));

  const labels = rows.map(({ label = '' }) => wrapText(label, Math.max(112, 0.75 * cellWidth), 5));
  const labelWidth = Math.max(0, ...labels.flat().map((line) => measureText(line)));
  const heads = Array.from({ length: columnCount }, (_, i) => wrapText(columns[i] ?? '', cellWidth, 3));
  const headLines = Math.max(0, ...heads.map((lines) => lines.length));
  const captions = rows.map(({ captions = [] }) =>
    captions.map((caption) => wrapText(caption, cellWidth, 2)),
  );
  const captionHeights = captions.map((row) => Math.max(0, ...row.map((lines) => lines.length)) * lineHeight);

  const left = margin + (labelWidth > 0 ? Math.ceil(labelWidth) + 24 : 0);
  const titleWidth = title ? Math.ceil(measureText(title, 1.4)) : 0;
  const width = Math.max(
    left + columnCount * cellWidth + Math.max(0, columnCount - 1) * gap + margin,
    2 * margin + titleWidth,
  );
  const top = margin + (title ? 38 : 0) + (headLines > 0 ? headLines * lineHeight + 2 : 0);
  const rowHeights = captionHeights.map((height) => cellHeight + (height > 0 ? height + 8 : 0));
  const rowGap = captionHeights.some((height) => height > 0) ? 22 : gap;
  const total = rowHeights.reduce((a, b) => a + b, 0) + Math.max(0, rows.length - 1) * rowGap;
  const canvas = blankPixels(width, top + total + margin, white);

  if (title) drawText(canvas, title, margin, margin + 14, { colour: dark, size: 1.4, weight: 1.35 });
  heads.forEach((lines, column) => {
    lines.forEach((line, i) => {
      // The last line stands on the picture, so that short and long heads share a baseline.
      const baseline = top - 12 - (lines.length - 1 - i) * lineHeight;
      drawText(canvas, line, left + column * (cellWidth + gap), baseline, { colour: dark });
    });
  });
  let y = top;
  scaled.forEach((row, index) => {
    const lines = labels[index]!;
    const middle = y + cellHeight / 2 - ((lines.length - 1) * lineHeight) / 2 + 5;
    lines.forEach((line, i) => {
      drawText(canvas, line, margin, Math.round(middle + i * lineHeight), { colour: dark, weight: 1.5 });
    });
    row.forEach((picture, column) => {
      const x = left + column * (cellWidth + gap);
      paste(canvas, picture, x, y);
      frame(canvas, x, y, picture.width, picture.height);
      captions[index]![column]?.forEach((line, i) => {
        drawText(canvas, line, x, y + cellHeight + 21 + i * lineHeight, { colour: grey });
      });
    });
    y += rowHeights[index]! + rowGap;
  });
  return canvas;
}
