import { describe, expect, it } from 'vitest';
import { type CaptionFacts, plainCaption, richCaption } from '../src/data/caption.js';
import { createRandomSource } from '../src/data/random-source.js';

const facts: CaptionFacts = {
  animal: 'ant',
  style: '3d',
  face: true,
  background: { kind: 'plain', word: 'orange' },
  book: false,
};

const many = (draw: (seed: number) => string): ReadonlySet<string> =>
  new Set(Array.from({ length: 800 }, (_, seed) => draw(seed)));

describe('captions', () => {
  it('of the plain family name the animal alone', () => {
    expect([...many((seed) => plainCaption(facts, createRandomSource(seed)))].sort()).toEqual([
      'a drawing of an ant',
      'a photo of an ant',
      'a picture of an ant',
      'an ant',
      'ant',
    ]);
  });

  it('of the rich family vary in order and length, with the right articles', () => {
    const captions = many((seed) => richCaption(facts, createRandomSource(seed)));
    for (const expected of [
      'a 3d ant face',
      'an ant on orange',
      'ant on an orange background',
      'on orange, a 3d ant',
      '3d ant face on orange',
    ]) {
      expect(captions).toContain(expected);
    }
    for (const caption of captions) expect(caption).not.toMatch(/\ba [aeiou]|\ban [^aeiou]/);
  });

  it('say what a place and a pattern are called', () => {
    const at = (background: CaptionFacts['background']) =>
      many((seed) => richCaption({ ...facts, background }, createRandomSource(seed)));
    expect(at({ kind: 'landscape', word: 'snow' })).toContain('an ant in the snow');
    expect(at({ kind: 'texture', word: 'dots', color: 'blue' })).toContain('an ant on blue dots');
  });

  it('name both objects where there is a book', () => {
    const captions = many((seed) => plainCaption({ ...facts, book: true }, createRandomSource(seed)));
    expect([...captions].sort()).toEqual(['a book and an ant', 'an ant and a book', 'an ant with a book']);
  });
});
