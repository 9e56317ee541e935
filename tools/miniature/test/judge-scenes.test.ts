import { beforeAll, describe, expect, it } from 'vitest';
import { iconSets } from '../src/data/icon-set.js';
import { createRandomSource } from '../src/data/random-source.js';
import { loadSpriteLibrary, type SpriteLibrary } from '../src/data/sprite-library.js';
import {
  claimsOf,
  drawCaption,
  drawWrongCaption,
  holds,
  truthOf,
  truthsOf,
} from '../src/judges/caption-facts.js';
import { unseenSet } from '../src/judges/judge-library.js';
import { drawJudgeScene, type JudgeFacts } from '../src/judges/judge-scene.js';
import { captionWords } from '../src/vocabulary.js';

let library: SpriteLibrary;
let facts: readonly JudgeFacts[];
beforeAll(async () => {
  const sets = iconSets.filter(({ id }) => id !== unseenSet);
  library = await loadSpriteLibrary(['fox', 'ant', 'cat'], sets);
  facts = Array.from({ length: 400 }, (_, index) => drawJudgeScene(library, 3, index).facts);
});

describe("the judges' scenes", () => {
  it('depend on the seed and the index alone', () => {
    const first = drawJudgeScene(library, 7, 12);
    for (let index = 0; index < 5; index++) drawJudgeScene(library, 7, index);
    expect(drawJudgeScene(library, 7, 12)).toEqual(first);
    expect(drawJudgeScene(library, 8, 12).pixels).not.toEqual(first.pixels);
  });

  it('show drawings of every set but the one that is kept for tests', () => {
    const sets = new Set(
      [...library.animals.values(), library.books].flat().map(({ drawing }) => drawing.setId),
    );
    expect(sets).not.toContain(unseenSet);
    expect(sets).toContain('noto-v1');
  });

  it('show one to three objects, or none, with boxes in the picture, small ones too', () => {
    const counts = new Set(facts.map(({ objects }) => objects.length));
    expect([...counts].sort()).toEqual([0, 1, 2, 3]);
    const sides = facts.flatMap(({ objects }) =>
      objects.map(({ box: [left, top, right, bottom] }) => {
        expect(Math.min(left, top, 64 - right, 64 - bottom)).toBeGreaterThanOrEqual(0);
        return Math.max(right - left, bottom - top);
      }),
    );
    expect(Math.min(...sides)).toBeLessThan(18);
    expect(Math.max(...sides)).toBeGreaterThan(54);
  });

  it('have captions of the vocabulary, true ones and nearly true ones', () => {
    const words = new Set(captionWords);
    for (const [index, fact] of facts.entries()) {
      const random = createRandomSource(index);
      const [right, wrong] = [drawCaption(fact, random), drawWrongCaption(fact, random)];
      for (const word of `${right} ${wrong}`.replaceAll(',', '').split(' ')) expect(words).toContain(word);
      expect(holds(claimsOf(right), truthsOf(fact)), right).toBe(true);
      expect(holds(claimsOf(wrong), truthsOf(fact)), wrong).toBe(false);
    }
  });

  it('a caption holds for every scene of its group of which it is true', () => {
    const box = [0, 0, 9, 9] as const;
    const scene = (label: string, word: string): JudgeFacts => ({
      objects: [{ label, box, face: false }],
      background: { kind: 'plain', word },
    });
    const scenes = [scene('fox', 'red'), scene('fox', 'blue'), scene('ant', 'red'), scene('cat', 'red')];
    const captions = [
      'a fox',
      'a fox on blue',
      'fox on blue',
      'an ant',
      'an ant',
      'on red',
      'a cat',
      'a fox',
    ];
    const rows = truthOf(captions, scenes, 2);
    expect([...rows]).toEqual([1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0]);
  });
});
