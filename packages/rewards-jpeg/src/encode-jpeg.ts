import type { Pixels } from '@draft/core';
import { type BitWriter, createBitWriter } from './bit-writer.js';
import { huffmanTables } from './huffman-table.js';
import { qualityFactor, quantisationTable } from './quantisation-table.js';
import { type Plane, splitPlanes } from './split-planes.js';

type Kind = keyof typeof huffmanTables;

/** The 64 frequencies from low to high: diagonals of the block, each in the other direction than the one before. */
const zigzag: readonly number[] = Array.from({ length: 15 }, (_, diagonal) => {
  const rows = Array.from({ length: 8 }, (_, row) => row).filter(
    (row) => diagonal - row >= 0 && diagonal - row < 8,
  );
  const upwards = diagonal % 2 === 0 ? rows.reverse() : rows;
  return upwards.map((row) => 8 * row + diagonal - row);
}).flat();

/** `D[u, x] = ½ α(u) cos((2x + 1) u π / 16)`, row by row. */
const cosines = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/** The steps of a quality as whole numbers within `1..255`, as a file holds them. */
const wholeTable = (plane: Kind, quality: number): Uint8Array =>
  Uint8Array.from(quantisationTable(plane, { quality: 50, tableOrientation: 'libjpeg' }), (entry) =>
    Math.min(255, Math.max(1, Math.floor((entry * Math.round(100 * qualityFactor(quality)) + 50) / 100))),
  );

/** Cosine transform and quantisation of the block at `(x, y)`: 64 whole numbers, row by row. */
const transform = ({ width, data }: Plane, x: number, y: number, table: Uint8Array): Int32Array => {
  const rows = new Float64Array(64); // [row of pixels, horizontal frequency]
  for (let i = 0; i < 64; i++) {
    const start = (y + (i >> 3)) * width + x;
    for (let k = 0; k < 8; k++) rows[i]! += cosines[8 * (i & 7) + k]! * (data[start + k]! - 128);
  }
  return Int32Array.from({ length: 64 }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < 8; k++) sum += cosines[8 * (i >> 3) + k]! * rows[8 * k + (i & 7)]!;
    const steps = sum / table[i]!;
    return Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5);
  });
};

/** A block beyond the edge, which costs least where it repeats the mean of the one before. */
const flat = (mean: number): Int32Array => Int32Array.from({ length: 64 }, (_, i) => (i === 0 ? mean : 0));

/** Bits that hold a number beside its sign. */
const category = (value: number): number => 32 - Math.clz32(Math.abs(value));

const writeNumber = (writer: BitWriter, value: number, bits: number): void =>
  writer.bits(value < 0 ? value - 1 : value, bits);

/** Writes one block, Annex F of the standard; returns its mean, from which the next one's is told apart. */
const writeBlock = (writer: BitWriter, block: Int32Array, previous: number, kind: Kind): number => {
  const { dc, ac } = huffmanTables[kind];
  const difference = block[0]! - previous;
  const size = category(difference);
  writer.bits(dc.code[size]!, dc.length[size]!);
  writeNumber(writer, difference, size);
  let zeros = 0;
  for (const position of zigzag.slice(1)) {
    const value = block[position]!;
    if (value === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) writer.bits(ac.code[0xf0]!, ac.length[0xf0]!);
    const bits = category(value);
    const symbol = (zeros << 4) | bits;
    writer.bits(ac.code[symbol]!, ac.length[symbol]!);
    writeNumber(writer, value, bits);
    zeros = 0;
  }
  if (zeros > 0) writer.bits(ac.code[0]!, ac.length[0]!);
  return block[0]!;
};

const kinds: readonly Kind[] = ['luminance', 'chrominance'];

/** Everything before the scan: JFIF, the tables, the frame and the scan's own header. */
const writeHeader = (
  writer: BitWriter,
  { width, height }: Pixels,
  tables: Readonly<Record<Kind, Uint8Array>>,
): void => {
  const segment = (marker: number, ...payload: readonly number[]) =>
    writer.bytes(0xff, marker, (payload.length + 2) >> 8, (payload.length + 2) & 255, ...payload);
  writer.bytes(0xff, 0xd8);
  segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0);
  kinds.forEach((kind, id) => {
    segment(0xdb, id, ...zigzag.map((position) => tables[kind][position]!));
  });
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  segment(0xc0, 8, ...size, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1);
  kinds.forEach((kind, id) => {
    const { dc, ac } = huffmanTables[kind];
    segment(0xc4, id, ...dc.counts, ...dc.symbols);
    segment(0xc4, 0x10 | id, ...ac.counts, ...ac.symbols);
  });
  segment(0xda, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0);
};

/**
 * Encodes a picture as a baseline JPEG file: JFIF colours, chrominance at half size (4:2:0), the standard's tables, as
 * image programs do unless asked otherwise.
 * @param picture At most 65,535 pixels a side.
 * @param quality `1..100`, as image programs count it.
 */
export const encodeJpeg = (picture: Pixels, quality: number): Uint8Array => {
  const tables = {
    luminance: wholeTable('luminance', quality),
    chrominance: wholeTable('chrominance', quality),
  };
  const [y, cb, cr] = splitPlanes(picture);
  const writer = createBitWriter();
  writeHeader(writer, picture, tables);
  const means = [0, 0, 0];
  for (let row = 0; row < y.height; row += 16) {
    for (let column = 0; column < y.width; column += 16) {
      for (const [dx, dy] of [
        [0, 0],
        [8, 0],
        [0, 8],
        [8, 8],
      ] as const) {
        const outside = column + dx >= picture.width || row + dy >= picture.height;
        const block = outside ? flat(means[0]!) : transform(y, column + dx, row + dy, tables.luminance);
        means[0] = writeBlock(writer, block, means[0]!, 'luminance');
      }
      [cb, cr].forEach((plane, i) => {
        const block = transform(plane, column / 2, row / 2, tables.chrominance);
        means[i + 1] = writeBlock(writer, block, means[i + 1]!, 'chrominance');
      });
    }
  }
  writer.flush();
  writer.bytes(0xff, 0xd9);
  return writer.result();
};
