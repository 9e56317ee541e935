import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatRewards } from '../../src/images/before-after.js';
import { drawText, measureText, shortenText, wrapText } from '../../src/images/draw-text.js';
import { blankPixels } from '../../src/images/pixels.js';
import { scaleTowards } from '../../src/images/scale-pixels.js';
import {
  composeBeforeAfter,
  composeGrid,
  DraftError,
  decodePng,
  encodePng,
  enlarge,
  fromPixels,
  type Pixels,
  readPng,
  shrink,
  toPixels,
  writePng,
} from '../../src/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'draft-images-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const picture = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height })
      .map((data): Pixels => ({ width, height, data })),
  );
const pixel = ({ width, data }: Pixels, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('toPixels', () => {
  it('clamps, scales and rounds ties to even, as NumPy does in diffusers', () => {
    const bytes = (...values: number[]) => [
      ...toPixels(Float32Array.from(values), [1, 1, values.length / 3, 3])[0]!.data,
    ];
    expect(bytes(-0.5, 0, 1, 1.5, Number.NaN, 0.499 / 255)).toEqual([0, 0, 255, 255, 0, 0]);
    // Ties: 255 · 0.5 = 127.5 and 255 · 0.1 = 25.5 round up to even, 255 · 0.3 = 76.5 and 178.5 down.
    expect(bytes(0.5, 0.1, 0.3, 0.7, 0.9, 0.502)).toEqual([128, 26, 76, 178, 230, 128]);
  });

  it('gives every byte back', () => {
    const data = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    const images = fromPixels([{ width: 16, height: 16, data }]);
    expect(images.shape).toEqual([1, 16, 16, 3]);
    expect(toPixels(images.data, images.shape)[0]!.data).toEqual(data);
  });

  it('splits a batch and refuses other shapes', () => {
    const batch = toPixels(Float32Array.of(0, 0, 0, 1, 1, 1), [2, 1, 1, 3]);
    expect(batch.map(({ data }) => data[0])).toEqual([0, 255]);
    expect(() => toPixels(new Float32Array(4), [1, 1, 1, 4])).toThrow('not of 4 numbers as [1, 1, 1, 4]');
    expect(() => fromPixels([blankPixels(1, 1, [0, 0, 0]), blankPixels(2, 1, [0, 0, 0])])).toThrow(
      '2×1 is not 1×1',
    );
  });
});

describe('PNG', () => {
  it('gives pictures back, through a file too', () => {
    fc.assert(
      fc.property(picture, (given) => {
        expect(decodePng(encodePng(given))).toEqual(given);
      }),
    );
    const path = join(folder, 'a.png');
    writePng(path, blankPixels(3, 2, [1, 2, 3]));
    expect(readPng(path)).toEqual(blankPixels(3, 2, [1, 2, 3]));
  });

  it('reads grey, transparent and 16-bit files', () => {
    const read = (data: Uint8Array | Uint16Array, channels: number, depth: 8 | 16) => [
      ...decodePng(encode({ width: 1, height: 1, data, channels, depth })).data,
    ];
    expect(read(Uint8Array.of(90), 1, 8)).toEqual([90, 90, 90]);
    expect(read(Uint8Array.of(90, 255), 2, 8)).toEqual([90, 90, 90]);
    expect(read(Uint8Array.of(10, 20, 30, 0), 4, 8)).toEqual([255, 255, 255]);
    expect(read(Uint8Array.of(0, 100, 255, 51), 4, 8)).toEqual([204, 224, 255]);
    expect(read(Uint16Array.of(0, 257 * 7, 65535), 3, 16)).toEqual([0, 7, 255]);
  });

  it('reads a damaged file right or refuses it in one sentence', () => {
    const good = encodePng(blankPixels(8, 8, [9, 99, 199]));
    const at = fc.nat(good.length - 1);
    fc.assert(
      fc.property(at, fc.nat(255), at, (place, byte, length) => {
        const bytes = Uint8Array.from(good).subarray(0, byte % 2 ? good.length : length);
        bytes[place] = byte;
        try {
          const { width, height, data } = decodePng(bytes, 'a.png');
          if (data.length !== 3 * width * height) throw new Error('A size is not kept.');
        } catch (error) {
          if (!DraftError.is(error) || error.message !== 'a.png is not a valid PNG file.') throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('names a file that is missing, no PNG, or too large to decode', () => {
    expect(() => readPng(join(folder, 'none.png'))).toThrow('There is no file');
    writeFileSync(join(folder, 'text.png'), 'hello');
    expect(() => readPng(join(folder, 'text.png'))).toThrow('text.png is not a valid PNG file.');
    const huge = encodePng(blankPixels(1, 1, [0, 0, 0]));
    huge.set([0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff], 16);
    expect(() => decodePng(huge)).toThrow('not a valid PNG');
  });
});

describe('scaling', () => {
  it('repeats pixels, and undoes it by averaging', () => {
    const two: Pixels = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect([...enlarge(two, 2).data]).toEqual([
      1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6,
    ]);
    fc.assert(
      fc.property(picture, fc.integer({ min: 1, max: 4 }), (given, factor) => {
        expect(shrink(enlarge(given, factor), factor)).toEqual(given);
      }),
    );
    expect([
      ...shrink({ width: 2, height: 2, data: Uint8Array.from({ length: 12 }, (_, i) => i) }, 2).data,
    ]).toEqual([
      5,
      6,
      7, // 4.5, 5.5 and 6.5
    ]);
  });

  it.each([
    [64, 192],
    [128, 256],
    [192, 192],
    [512, 170],
    [224, 224],
  ])('brings a width of %i towards 192 by a whole factor: %i', (from, to) => {
    expect(scaleTowards(blankPixels(from, from, [0, 0, 0]), 192).width).toBe(to);
  });
});

describe('text', () => {
  it('draws a letter sharply on its grid of pixels', () => {
    const canvas = blankPixels(12, 14, [255, 255, 255]);
    drawText(canvas, 'E', 3, 12, { colour: [0, 0, 0] });
    const rows = Array.from({ length: 14 }, (_, y) =>
      Array.from({ length: 12 }, (_, x) =>
        pixel(canvas, x, y)[0]! < 64 ? '#' : pixel(canvas, x, y)[0]! < 230 ? '+' : '.',
      ).join(''),
    );
    expect(rows.join('\n')).toMatchInlineSnapshot(`
      "............
      ...++++++...
      ..+######+..
      ..+#+++++...
      ..+#+.......
      ..+#+.......
      ..+#++++....
      ..+#####+...
      ..+#++++....
      ..+#+.......
      ..+#+.......
      ..+#+++++...
      ..+######+..
      ...++++++..."
    `);
  });

  it('has every printable ASCII character and a box for what it lacks', () => {
    const ink = (text: string) => {
      const canvas = blankPixels(24, 20, [255, 255, 255]);
      drawText(canvas, text, 6, 14, { colour: [0, 0, 0] });
      return canvas.data.join();
    };
    const box = ink('漢');
    const characters = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
    const drawings = characters.map(ink);
    expect(new Set(drawings).size).toBe(94);
    expect(drawings).not.toContain(box);
    expect(ink('é')).toBe(ink('e'));
    expect(ink(' ')).toBe(ink(''));
  });

  it('cuts at the edges of the picture', () => {
    const canvas = blankPixels(5, 5, [255, 255, 255]);
    for (const [x, y] of [
      [-4, 3],
      [3, 30],
      [-100, -100],
      [4, 1],
    ] as const) {
      drawText(canvas, 'Wg', x, y, { colour: [0, 0, 0], size: 2 });
    }
    expect(canvas.data).toHaveLength(75);
  });

  it('shortens and wraps to a width', () => {
    const text = 'an oil painting of a long-haired guinea pig in the rain';
    expect(shortenText(text, 1000)).toBe(text);
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 20, max: 300 }),
        fc.integer({ min: 1, max: 4 }),
        (given, width, most) => {
          const lines = wrapText(given, width, most);
          expect(lines.length).toBeLessThanOrEqual(most);
          for (const line of lines) expect(measureText(line)).toBeLessThanOrEqual(width);
          if (lines.every((line) => !line.endsWith('…')))
            expect(lines.join(' ')).toBe(given.split(/\s+/).filter(Boolean).join(' '));
        },
      ),
    );
    expect(wrapText(text, 150, 2)).toMatchInlineSnapshot(`
      [
        "an oil painting of a",
        "long-haired guinea pi…",
      ]
    `);
    expect(shortenText('W', 3)).toBe('…');
  });
});

describe('grids', () => {
  const red = blankPixels(64, 64, [200, 30, 40]);
  const blue = blankPixels(64, 64, [20, 60, 220]);

  it('places each picture enlarged by a whole factor, framed, on white', () => {
    const grid = composeGrid([{ pictures: [red, blue] }, { pictures: [blue] }]);
    expect([grid.width, grid.height]).toEqual([32 + 192 + 16 + 192 + 32, 32 + 192 + 16 + 192 + 32]);
    expect(pixel(grid, 0, 0)).toEqual([255, 255, 255]);
    expect(pixel(grid, 31, 32)).toEqual([222, 225, 230]);
    expect(pixel(grid, 32, 32)).toEqual([200, 30, 40]);
    expect(pixel(grid, 223, 223)).toEqual([200, 30, 40]);
    expect(pixel(grid, 240, 32)).toEqual([20, 60, 220]);
    expect(pixel(grid, 32, 240)).toEqual([20, 60, 220]);
    expect(pixel(grid, 240, 240)).toEqual([255, 255, 255]);
  });

  it('makes room for texts and keeps the pictures exact', () => {
    const bare = composeGrid([{ pictures: [red] }]);
    const full = composeGrid([{ label: 'before', pictures: [red], captions: ['reward 0.5'] }], {
      title: 'A title',
      columns: ['a very long prompt that does not fit into one line at all'],
    });
    expect(full.width).toBeGreaterThan(bare.width);
    expect(full.height).toBeGreaterThan(bare.height + 60);
    const count = ({ data }: Pixels) => {
      let pixels = 0;
      for (let i = 0; i < data.length; i += 3)
        if (data[i] === 200 && data[i + 1] === 30 && data[i + 2] === 40) pixels++;
      return pixels;
    };
    expect(count(full)).toBe(192 * 192);
  });

  it('draws a grid of nothing', () => {
    expect(composeGrid([]).width).toBe(64);
    expect(composeGrid([{ pictures: [], label: 'none' }], { title: 'Empty' }).height).toBeGreaterThan(0);
  });

  it('compares before and after with rewards of the same decimals', () => {
    const scored = (reward: number) => ({ picture: red, reward });
    const sheet = composeBeforeAfter({ prompts: ['cat'], before: [scored(-0.2)], after: [scored(-0.01)] });
    expect(sheet.height).toBeGreaterThan(2 * 192 + 100);
    expect(formatRewards([-0.2, -0.01234, 0])).toEqual(['−0.2000', '−0.0123', '0.0000']);
    expect(formatRewards([-0.00001, 5.8123])).toEqual(['0.000', '5.812']);
    expect(formatRewards([21.5, Number.NaN])).toEqual(['21.50', 'NaN']);
    expect(formatRewards([-12345.6])).toEqual(['−12346']);
    expect(formatRewards([2e-9])).toEqual(['2.00e−9']);
    expect(formatRewards([])).toEqual([]);
  });
});
