import type { Colour, Pixels } from './pixels.js';
import { glyphOf } from './stroke-font.js';

/** How text is set. */
export interface TextStyle {
  /** Size in multiples of capitals 10 pixels high. @default 1 */
  readonly size?: number;
  /** Thickness of the strokes in pixels at size 1. @default 1.3 */
  readonly weight?: number;
  readonly colour: Colour;
}

/** Between the strokes of two glyphs, at size 1. */
const spacing = 3;

/** From one baseline to the next, at size 1. */
export const lineHeight = 18;

/** Width of a line of text in pixels. */
export function measureText(text: string, size = 1): number {
  const characters = [...text];
  const widths = characters.reduce((sum, character) => sum + glyphOf(character).width, 0);
  return size * (widths + spacing * Math.max(0, characters.length - 1));
}

/** The text if it fits into `width` pixels, else its beginning and `…`. */
export function shortenText(text: string, width: number, size = 1): string {
  if (measureText(text, size) <= width) return text;
  const characters = [...text];
  while (characters.length > 0) {
    characters.pop();
    const shorter = `${characters.join('').trimEnd()}…`;
    if (measureText(shorter, size) <= width) return shorter;
  }
  return '…';
}

/** The text in at most `lines` lines of `width` pixels, broken between words; the last one is shortened. */
export function wrapText(text: string, width: number, lines: number, size = 1): string[] {
  const words = text.split(/\s+/).filter(Boolean);
  const result: string[] = [];
  while (words.length > 0) {
    if (result.length === lines - 1) {
      result.push(shortenText(words.join(' '), width, size));
      break;
    }
    let line = words.shift()!;
    while (words[0] !== undefined && measureText(`${line} ${words[0]}`, size) <= width) {
      line += ` ${words.shift()}`;
    }
    result.push(shortenText(line, width, size));
  }
  return result;
}

/** Distance of a point from a straight piece of a stroke. */
function distance(x: number, y: number, x0: number, y0: number, x1: number, y1: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}

/** Draws one line of text with smooth edges; `x` is its left edge and `y` its baseline, in pixels. */
export function drawText(picture: Pixels, text: string, x: number, y: number, style: TextStyle): void {
  const { size = 1, weight = 1.3, colour } = style;
  const radius = (size * weight) / 2;
  let left = x;
  for (const character of text) {
    const { width, segments } = glyphOf(character);
    const lines = segments.map(
      ([x0, y0, x1, y1]) => [left + size * x0, y - size * y0, left + size * x1, y - size * y1] as const,
    );
    const bottom = Math.min(picture.height - 1, Math.ceil(y + 4 * size));
    const right = Math.min(picture.width - 1, Math.ceil(left + size * (width + 2)));
    for (let row = Math.max(0, Math.floor(y - 12 * size)); row <= bottom; row++) {
      for (let column = Math.max(0, Math.floor(left - 2 * size)); column <= right; column++) {
        const nearest = lines.reduce((least, line) => Math.min(least, distance(column, row, ...line)), 9);
        const cover = Math.min(1, Math.max(0, radius + 0.5 - nearest));
        if (cover === 0) continue;
        const at = 3 * (row * picture.width + column);
        for (let channel = 0; channel < 3; channel++) {
          const below = picture.data[at + channel]!;
          picture.data[at + channel] = Math.round(below + cover * (colour[channel]! - below));
        }
      }
    }
    left += size * (width + spacing);
  }
}
