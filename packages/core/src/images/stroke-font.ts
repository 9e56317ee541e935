/**
 * The glyphs of a small sans serif drawn with round strokes: the width, then the pen's path. `M x y` moves,
 * `L x y` draws a line, `Q x y x y` a quadratic curve. The baseline is y = 0, capitals are 10 high, small letters
 * 7; stems and bars stand on whole numbers, so that at size 1 each falls on a row or column of pixels.
 */
const glyphs: Readonly<Record<string, string>> = {
  A: '7 M0 0L3.5 10L7 0M1.05 3L5.95 3',
  B: '6 M0 0L0 10L3 10Q5.5 10 5.5 7.5Q5.5 5 3 5L0 5M3 5Q6 5 6 2.5Q6 0 3 0L0 0',
  C: '7 M7 8.2Q6 10 3.8 10Q0 10 0 5Q0 0 3.8 0Q6 0 7 1.8',
  D: '7 M0 0L0 10L2.5 10Q7 10 7 5Q7 0 2.5 0L0 0',
  E: '5 M5 10L0 10L0 0L5 0M0 5L4.4 5',
  F: '5 M5 10L0 10L0 0M0 5L4.4 5',
  G: '7 M6.8 8.2Q5.8 10 3.8 10Q0 10 0 5Q0 0 3.8 0Q7 0 7 5L4 5',
  H: '6 M0 0L0 10M6 0L6 10M0 5L6 5',
  I: '0 M0 0L0 10',
  J: '4 M4 10L4 3Q4 0 1.8 0Q0 0 -0.3 2',
  K: '6 M0 0L0 10M6 10L0 4M2 6L6.2 0',
  L: '5 M0 10L0 0L5 0',
  M: '8 M0 0L0 10L4 3L8 10L8 0',
  N: '6 M0 0L0 10L6 0L6 10',
  O: '8 M4 10Q0 10 0 5Q0 0 4 0Q8 0 8 5Q8 10 4 10',
  P: '6 M0 0L0 10L3 10Q6 10 6 7Q6 4 3 4L0 4',
  Q: '8 M4 10Q0 10 0 5Q0 0 4 0Q8 0 8 5Q8 10 4 10M5 3L8 -0.6',
  R: '6 M0 0L0 10L3 10Q6 10 6 7Q6 4 3 4L0 4M3 4L6.3 0',
  S: '6 M5.8 8.3Q5 10 3 10Q0.2 10 0.2 7.6Q0.2 5.7 3 5.1Q6.1 4.5 6.1 2.6Q6.1 0 3 0Q0.7 0 -0.1 1.9',
  T: '6 M0 10L6 10M3 10L3 0',
  U: '6 M0 10L0 3.5Q0 0 3 0Q6 0 6 3.5L6 10',
  V: '7 M0 10L3.5 0L7 10',
  W: '10 M0 10L2.5 0L5 9L7.5 0L10 10',
  X: '6 M0 10L6 0M6 10L0 0',
  Y: '6 M0 10L3 5L6 10M3 5L3 0',
  Z: '6 M0 10L6 10L0 0L6 0',
  a: '5 M5 7L5 0M5 5Q4 7 2.5 7Q0 7 0 3.5Q0 0 2.5 0Q4 0 5 2',
  b: '5 M0 10L0 0M0 2Q1 0 2.5 0Q5 0 5 3.5Q5 7 2.5 7Q1 7 0 5',
  c: '4.4 M4.5 6Q3.8 7 2.5 7Q0 7 0 3.5Q0 0 2.5 0Q3.8 0 4.5 1',
  d: '5 M5 10L5 0M5 2Q4 0 2.5 0Q0 0 0 3.5Q0 7 2.5 7Q4 7 5 5',
  e: '5 M0 4L5 4Q4.9 7 2.5 7Q0 7 0 3.5Q0 0 2.6 0Q4 0 4.8 1.3',
  f: '3 M3.4 10Q1 10.3 1 8L1 0M-0.2 7L3 7',
  g: '5 M5 7L5 -1Q5 -3 2.5 -3Q1 -3 0.3 -2.2M5 5Q4 7 2.5 7Q0 7 0 3.5Q0 0 2.5 0Q4 0 5 2',
  h: '5 M0 10L0 0M0 4.5Q0.8 7 2.8 7Q5 7 5 4.5L5 0',
  i: '0 M0 7L0 0M0 9.7L0 9.9',
  j: '1 M1 7L1 -1.5Q1 -3 -0.5 -3M1 9.7L1 9.9',
  k: '4 M0 10L0 0M4 7L0 3M1.5 4.4L4.3 0',
  l: '1 M0 10L0 1.6Q0 0 1.4 0',
  m: '8 M0 7L0 0M0 4.8Q0.8 7 2.2 7Q4 7 4 4.8L4 0M4 4.8Q4.8 7 6.2 7Q8 7 8 4.8L8 0',
  n: '5 M0 7L0 0M0 4.5Q0.8 7 2.8 7Q5 7 5 4.5L5 0',
  o: '5 M2.5 7Q0 7 0 3.5Q0 0 2.5 0Q5 0 5 3.5Q5 7 2.5 7',
  p: '5 M0 7L0 -3M0 2Q1 0 2.5 0Q5 0 5 3.5Q5 7 2.5 7Q1 7 0 5',
  q: '5 M5 7L5 -3M5 2Q4 0 2.5 0Q0 0 0 3.5Q0 7 2.5 7Q4 7 5 5',
  r: '2.8 M0 7L0 0M0 4.3Q0.6 7 3 7',
  s: '4 M4 6Q3.5 7 2 7Q0 7 0 5.3Q0 4 2 3.6Q4.3 3.2 4.3 1.7Q4.3 0 2.1 0Q0.4 0 -0.1 1.1',
  t: '3 M1 9.5L1 2Q1 0 3 0M-0.4 7L3 7',
  u: '5 M0 7L0 2.5Q0 0 2.2 0Q4.2 0 5 2.5M5 7L5 0',
  v: '5 M0 7L2.5 0L5 7',
  w: '8 M0 7L2 0L4 6.5L6 0L8 7',
  x: '5 M0 7L5 0M5 7L0 0',
  y: '5 M0 7L2.6 0.2M5 7L2.3 -1Q1.7 -3 -0.2 -3',
  z: '4.5 M0 7L4.5 7L0 0L4.5 0',
  0: '6 M3 10Q0 10 0 5Q0 0 3 0Q6 0 6 5Q6 10 3 10',
  1: '6 M1 8L4 10L4 0',
  2: '6 M0.2 8Q0.8 10 3 10Q5.7 10 5.7 7.4Q5.7 5.6 3.5 3.4L0 0L6 0',
  3: '6 M0.3 8.6Q1.2 10 2.9 10Q5.4 10 5.4 7.6Q5.4 5 2.5 5Q6 5 6 2.5Q6 0 2.9 0Q0.8 0 0 1.7',
  4: '6 M5 0L5 10L0 3L6.4 3',
  5: '6 M5.4 10L1 10L0.5 5.4Q1.5 6.4 3 6.4Q6 6.4 6 3.3Q6 0 2.9 0Q0.8 0 0 1.6',
  6: '6 M5.2 9Q4.5 10 3.4 10Q0 10 0 4Q0 0 3 0Q6 0 6 3.1Q6 6.2 3.2 6.2Q0.8 6.2 0 3.7',
  7: '6 M0 10L6 10L2.2 0',
  8: '6 M3 10Q0.6 10 0.6 7.6Q0.6 5.2 3 5.2Q5.4 5.2 5.4 7.6Q5.4 10 3 10M3 5.2Q0 5.2 0 2.6Q0 0 3 0Q6 0 6 2.6Q6 5.2 3 5.2',
  9: '6 M0.8 1Q1.5 0 2.6 0Q6 0 6 6Q6 10 3 10Q0 10 0 6.9Q0 3.8 2.8 3.8Q5.2 3.8 6 6.3',
  ' ': '1.5 ',
  '.': '0 M0 0L0 0.2',
  ',': '0 M0.2 0.2L-0.6 -1.8',
  ':': '0 M0 0L0 0.2M0 5L0 5.2',
  ';': '0 M0.2 0.2L-0.6 -1.8M0 5L0 5.2',
  '!': '0 M0 10L0 3M0 0L0 0.2',
  '?': '4.6 M0 8.4Q0.6 10 2.3 10Q4.6 10 4.6 7.8Q4.6 6.6 3.2 5.6Q2 4.7 2 3M2 0L2 0.2',
  "'": '0 M0 10L0 7.5',
  '"': '2 M0 10L0 7.5M2 10L2 7.5',
  '`': '1.4 M0 10L1.4 8',
  '-': '4 M0 4L4 4',
  '+': '6 M0 4L6 4M3 7L3 1',
  '=': '6 M0 6L6 6M0 3L6 3',
  '*': '4 M2 10L2 5M0 8.8L4 6.2M4 8.8L0 6.2',
  '/': '4 M0 -1L4 11',
  '\\': '4 M0 11L4 -1',
  '|': '0 M0 11L0 -2',
  _: '6 M0 -2L6 -2',
  '(': '2 M2 11Q0 8.5 0 4.5Q0 0.5 2 -2',
  ')': '2 M0 11Q2 8.5 2 4.5Q2 0.5 0 -2',
  '[': '2 M2 11L0 11L0 -2L2 -2',
  ']': '2 M0 11L2 11L2 -2L0 -2',
  '{': '3 M3 11Q1 11 1 9L1 6Q1 4.5 0 4.5Q1 4.5 1 3L1 0Q1 -2 3 -2',
  '}': '3 M0 11Q2 11 2 9L2 6Q2 4.5 3 4.5Q2 4.5 2 3L2 0Q2 -2 0 -2',
  '<': '5 M5 7L0 4L5 1',
  '>': '5 M0 7L5 4L0 1',
  '#': '7 M2 0L3 10M5 0L6 10M0.4 3L6.6 3M0.8 7L7 7',
  $: '6 M5.6 8Q5 9 3 9Q0.4 9 0.4 7.2Q0.4 5.6 3 5.1Q6 4.6 6 2.9Q6 1 3 1Q0.8 1 0 2.5M3 11L3 -1',
  '%': '9 M2 10Q0 10 0 7.6Q0 5.2 2 5.2Q4 5.2 4 7.6Q4 10 2 10M7 4.8Q5 4.8 5 2.4Q5 0 7 0Q9 0 9 2.4Q9 4.8 7 4.8M7.5 10L1.5 0',
  '&': '7 M7 0L1.6 6.2Q0.4 7.6 0.8 8.8Q1.3 10 2.6 10Q4.4 10 4.4 8.2Q4.4 6.8 2.4 5.6Q0 4.2 0 2.4Q0 0 2.8 0Q6 0 6.6 4.4',
  '@': '10 M7 7L7 3.6Q7 2 8.3 2Q10 2 10 4.6Q10 10 5 10Q0 10 0 4Q0 -2 5.4 -2Q7 -2 8.4 -1.2M7 4.6Q7 2 5 2Q3 2 3 4.6Q3 7.2 5 7.2Q7 7.2 7 4.6',
  '^': '5 M0 7.5L2.5 10L5 7.5',
  '~': '6 M0 3.4Q0.4 5 1.8 5Q2.6 5 3.2 4.2Q3.8 3.4 4.4 3.4Q5.6 3.4 6 5',
  '…': '7 M0.5 0L0.5 0.2M3.5 0L3.5 0.2M6.5 0L6.5 0.2',
  '·': '0 M0 4L0 4.2',
  '−': '6 M0 4L6 4',
  '–': '5 M0 4L5 4',
  '—': '9 M0 4L9 4',
  '×': '5 M0 6.5L5 1.5M5 6.5L0 1.5',
  '±': '6 M0 5L6 5M3 8L3 2M0 0L6 0',
  '→': '8 M0 4L8 4M5 7L8 4L5 1',
  '’': '0 M0 10L-0.6 7.8',
  '“': '2 M0 7.8L0.4 10M2 7.8L2.4 10',
  '”': '2 M0.4 10L0 7.8M2.4 10L2 7.8',
};

/** A straight piece of a stroke: `x0, y0, x1, y1`, y upwards from the baseline. */
export type Segment = readonly [number, number, number, number];

/** One glyph, ready to be drawn. */
export interface Glyph {
  readonly width: number;
  readonly segments: readonly Segment[];
}

/** A hollow box stands for what the font does not have. */
const unknown = '6 M0 0L0 10L6 10L6 0L0 0';

/** Straight pieces per curve. */
const pieces = 8;

function parseGlyph(text: string): Glyph {
  const segments: Segment[] = [];
  let x = 0;
  let y = 0;
  for (const [, command, list = ''] of text.matchAll(/([MLQ])([^MLQ]*)/g)) {
    const [a = 0, b = 0, c = 0, d = 0] = list.split(' ').map(Number);
    if (command === 'Q') {
      const [startX, startY] = [x, y];
      for (let i = 1; i <= pieces; i++) {
        const t = i / pieces;
        const nextX = (1 - t) ** 2 * startX + 2 * t * (1 - t) * a + t * t * c;
        const nextY = (1 - t) ** 2 * startY + 2 * t * (1 - t) * b + t * t * d;
        segments.push([x, y, nextX, nextY]);
        [x, y] = [nextX, nextY];
      }
    } else {
      if (command === 'L') segments.push([x, y, a, b]);
      [x, y] = [a, b];
    }
  }
  return { width: Number.parseFloat(text), segments };
}

const parsed = new Map<string, Glyph>();

/** The glyph of a character; accents are dropped, and what is missing is a hollow box. */
export function glyphOf(character: string): Glyph {
  let glyph = parsed.get(character);
  if (!glyph) {
    const plain = Object.hasOwn(glyphs, character) ? character : (character.normalize('NFD')[0] ?? '');
    glyph = parseGlyph(Object.hasOwn(glyphs, plain) ? glyphs[plain]! : unknown);
    parsed.set(character, glyph);
  }
  return glyph;
}
