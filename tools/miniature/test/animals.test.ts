import { describe, expect, it } from 'vitest';
import { animalNames } from '../src/data/animals.js';
import { animalDrawings, bookDrawings, objectDrawings } from '../src/data/drawing.js';
import { openIconSource } from '../src/data/icon-source.js';

describe('the drawings', () => {
  const drawings = animalDrawings();

  it('show each of the 45 animals at least four times', () => {
    expect(animalNames).toHaveLength(45);
    for (const animal of animalNames) expect(drawings.get(animal)!.length, animal).toBeGreaterThanOrEqual(4);
  });

  it('are all in their packages, none twice', () => {
    const all = [...drawings.values(), bookDrawings()].flat();
    for (const { setId, icon } of all) expect(openIconSource(setId).has(icon), `${setId}:${icon}`).toBe(true);
    expect(new Set(all.map(({ setId, icon }) => `${setId}:${icon}`)).size).toBe(all.length);
  });

  it('leave flags and skin tones out of what the autoencoder sees', () => {
    const objects = objectDrawings();
    expect(objects.length).toBeGreaterThan(6000);
    expect(objects.filter(({ icon }) => /flag|skin-tone/.test(icon))).toEqual([]);
  });
});
