import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAutoencoderScenes } from '../src/data/autoencoder-scene.js';
import { drawScene, type SceneFacts } from '../src/data/scene.js';
import { loadSpriteLibrary, type SpriteLibrary } from '../src/data/sprite-library.js';
import { writeCache } from '../src/data/write-cache.js';
import { captionWords } from '../src/vocabulary.js';

let library: SpriteLibrary;
let folder: string;
let many: readonly SceneFacts[];
beforeAll(async () => {
  library = await loadSpriteLibrary(['fox', 'ant', 'cat']);
  folder = await mkdtemp(join(tmpdir(), 'miniature-'));
  many = Array.from({ length: 600 }, (_, index) => drawScene(library, 3, index).facts);
});
afterAll(() => rm(folder, { recursive: true }));

describe('scenes', () => {
  it('depend on the seed and the index alone', () => {
    const first = drawScene(library, 7, 12);
    for (let index = 0; index < 5; index++) drawScene(library, 7, index);
    expect(drawScene(library, 7, 12)).toEqual(first);
    expect(drawScene(library, 8, 12).pixels).not.toEqual(first.pixels);
    expect(drawScene(library, 7, 13).pixels).not.toEqual(first.pixels);
  });

  it('show every animal equally often', () => {
    const animals = Array.from({ length: 30 }, (_, index) => drawScene(library, 1, index).facts.animal);
    for (const animal of library.animals.keys()) {
      expect(animals.filter((name) => name === animal)).toHaveLength(10);
    }
  });

  it('have captions of the vocabulary, a tenth of them empty', () => {
    const words = new Set(captionWords);
    const captions = many.map(({ caption }) => caption);
    for (const caption of captions) {
      for (const word of caption.replaceAll(',', '').split(' ').filter(Boolean))
        expect(words).toContain(word);
    }
    // 600 draws of probability 0.1 have a standard deviation of 7.3; four of them.
    expect(Math.abs(captions.filter((caption) => caption === '').length - 60)).toBeLessThan(30);
  });

  it('have a box around each object, large for one alone', () => {
    for (const { boxes, animal } of many) {
      expect(boxes.map(({ label }) => label)).toEqual(boxes.length === 2 ? [animal, 'book'] : [animal]);
      for (const { box } of boxes) {
        const [left, top, right, bottom] = box;
        expect(Math.min(left, top, 64 - right, 64 - bottom)).toBeGreaterThanOrEqual(0);
        // A book is at least 0.36 of the picture, a lone animal 0.72, both but for soft edges.
        const longer = Math.max(right - left, bottom - top);
        expect(longer).toBeGreaterThan(64 * (boxes.length === 2 ? 0.3 : 0.66));
      }
    }
  });

  it('of the autoencoder depend on the seed and the index alone', async () => {
    const scene = openAutoencoderScenes(library, 5);
    const first = await scene(3);
    await scene(4);
    expect(await openAutoencoderScenes(library, 5)(3)).toEqual(first);
  });

  it('are written whole, and once', async () => {
    const options = { folder, seed: 1, scenes: 6, autoencoderScenes: 4 };
    let loads = 0;
    const load = async () => {
      loads++;
      return library;
    };
    const manifest = await writeCache(options, load);
    expect((await readdir(folder)).sort()).toEqual(['manifest.json', 'scenes.jsonl', 'scenes.u8', 'vae.u8']);
    expect((await stat(join(folder, 'scenes.u8'))).size).toBe(6 * 64 * 64 * 3);
    expect((await stat(join(folder, 'vae.u8'))).size).toBe(4 * 64 * 64 * 3);
    const lines = (await readFile(join(folder, 'scenes.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      JSON.parse(JSON.stringify(Array.from({ length: 6 }, (_, index) => drawScene(library, 1, index).facts))),
    );
    expect(await writeCache(options, load)).toEqual(manifest);
    expect(loads).toBe(1);
    await writeCache({ ...options, seed: 2 }, load);
    expect(loads).toBe(2);
  });
});
