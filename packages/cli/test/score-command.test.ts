import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@draft/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPicture } from '../src/score/read-picture.js';
import { oneSentence, runDraftHere } from './draft-process.js';

let folder = '';
const inFolder = (name: string) => join(folder, name);

/** A slope with different colours left and right: 16 wide, 8 high. */
const data = Uint8Array.from({ length: 16 * 8 * 3 }, (_, i) => {
  const x = Math.floor(i / 3) % 16;
  return [8 * x, 255 - 10 * x, 90][i % 3] ?? 0;
});
const picture = () => sharp(data, { raw: { width: 16, height: 8, channels: 3 } });

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-score-')));
  writeFileSync(inFolder('a.png'), encodePng({ width: 16, height: 8, data }));
  await picture().webp({ lossless: true }).toFile(inFolder('b.webp'));
  await picture().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toFile(inFolder('c.jpg'));
  await picture().jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toFile(inFolder('turned.jpg'));
  await picture().greyscale().jpeg().toFile(inFolder('grey.jpg'));
  await picture().ensureAlpha(0).webp({ lossless: true }).toFile(inFolder('clear.webp'));
  mkdirSync(inFolder('three'));
  for (const name of ['a.png', 'b.webp', 'c.jpg']) {
    writeFileSync(inFolder(`three/${name}`), readFileSync(inFolder(name)));
  }
  writeFileSync(inFolder('three/notes.txt'), 'no picture');
  writeFileSync(inFolder('cut.jpg'), readFileSync(inFolder('c.jpg')).subarray(0, 200));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('readPicture', () => {
  const read = (name: string) => readPicture(inFolder(name), name);

  it('reads PNG and lossless WebP to the byte, JPEG nearly', async () => {
    for (const name of ['a.png', 'b.webp']) {
      const { width, height, data: bytes } = await read(name);
      expect([width, height]).toEqual([16, 8]);
      expect(Buffer.compare(Buffer.from(bytes), Buffer.from(data))).toBe(0);
    }
    const jpeg = await read('c.jpg');
    const worst = Math.max(...jpeg.data.map((value, i) => Math.abs(value - (data[i] ?? 0))));
    expect(worst).toBeLessThan(12);
  });

  it('turns pictures as their EXIF data says, makes grey ones RGB, and lays transparency on white', async () => {
    expect(await read('turned.jpg')).toMatchObject({ width: 8, height: 16 });
    const grey = await read('grey.jpg');
    expect(grey.data).toHaveLength(16 * 8 * 3);
    expect(new Set(grey.data.slice(0, 3)).size).toBe(1);
    expect((await read('clear.webp')).data.every((value) => value === 255)).toBe(true);
  });
});

describe('draft score', () => {
  it('scores PNG, JPEG and WebP', async () => {
    const { status, stdout, stderr } = await runDraftHere(folder, [
      ...['score', '--reward', 'symmetry:2', '--reward', 'rotation', '--json'],
      ...['--images', 'three', 'turned.jpg', '--prompts', 'a slope'],
    ]);
    expect(stderr).not.toContain('error');
    expect(status).toBe(0);
    const { weights, pictures } = JSON.parse(stdout);
    expect(weights).toEqual({ symmetry: 2, rotation: 1 });
    expect(pictures.map(({ image }: { image: string }) => image)).toEqual([
      join('three', 'a.png'),
      join('three', 'b.webp'),
      join('three', 'c.jpg'),
      'turned.jpg',
    ]);
    const [png, webp, jpeg, turned] = pictures;
    expect(png).toMatchObject({ prompt: 'a slope', width: 16, height: 8 });
    expect(png.reward).toBeCloseTo(2 * png.rewards.symmetry + png.rewards.rotation, 6);
    expect(webp.rewards).toEqual(png.rewards);
    expect(jpeg.rewards.symmetry).toBeCloseTo(png.rewards.symmetry, 2);
    // Turned, its left and right sides are alike.
    expect(turned.rewards.symmetry).toBeGreaterThan(-0.05);
    expect(png.rewards.symmetry).toBeLessThan(-0.5);
  });

  it.each<[string, readonly string[], RegExp]>([
    ['no pictures', [], /--images FILES is missing/],
    ['a missing picture', ['--images', 'none.png'], /There is no picture none\.png/],
    ['a folder without pictures', ['--images', 'empty'], /There is no picture in empty/],
    ['another kind of file', ['--images', 'three/notes.txt'], /neither a PNG, a JPEG nor a WebP/],
    ['a damaged picture', ['--images', 'cut.jpg'], /cut\.jpg is not a valid JPEG file/],
    ['too many prompts', ['--images', 'a.png', '--prompts', 'a', 'b'], /2 prompts for 1 pictures/],
  ])('refuses %s in one sentence', async (_, args, message) => {
    mkdirSync(inFolder('empty'), { recursive: true });
    const { status, stderr } = await runDraftHere(folder, ['score', '--reward', 'symmetry', ...args]);
    expect(stderr).toMatch(oneSentence);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it('refuses pictures without prompts where a reward reads them, before it loads anything', async () => {
    const score = (...args: string[]) => runDraftHere(folder, ['score', '--images', 'a.png', ...args]);
    const one = await score('--reward', 'pickscore', '--reward-set', 'pickscore.checkpoint=./none');
    expect(one.stderr).toBe(
      'error: The reward pickscore reads what a picture is to show: give --prompts, one for all pictures or one for each.\n',
    );
    const two = await score('--reward', 'symmetry', '--reward', 'a=clipscore', '--reward', 'hpsv2');
    expect(two.stderr).toMatch(/^error: The rewards a, hpsv2 read what a picture is to show: give --prompts/);
  });
});
