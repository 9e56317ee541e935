import { classLabels, findClass, imagenetNames } from '@draft/reward-adversarial';
import { describe, expect, it } from 'vitest';

describe("ImageNet's classes", () => {
  it('are a thousand, in the usual order', () => {
    expect(imagenetNames).toHaveLength(1000);
    const places = { tench: 0, goldfish: 1, 'golden retriever': 207, 'Persian cat': 283, castle: 483 };
    for (const [name, index] of Object.entries(places)) expect(imagenetNames[index]).toBe(name);
    expect(imagenetNames[999]).toBe('toilet paper, toilet tissue');
  });

  it('share no name, so that each is found by every one of its own', () => {
    const names = imagenetNames.flatMap((label) => label.split(', ')).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    for (const index of [0, 7, 134, 264, 296, 474, 517, 670, 999]) {
      for (const name of imagenetNames[index]!.split(', '))
        expect(findClass(name, imagenetNames)).toBe(index);
    }
  });

  it('are found whatever the case, with hyphens or without', () => {
    expect(findClass('ice-bear', imagenetNames)).toBe(findClass('Polar Bear', imagenetNames));
  });
});

describe('labels of a classifier', () => {
  it('are those of its configuration, else numbers', () => {
    expect(classLabels({ id2label: { 0: 'cat', 1: 'dog' } }, 2)).toEqual(['cat', 'dog']);
    expect(classLabels({ label_names: ['cat', 'dog'] }, 2)).toEqual(['cat', 'dog']);
    expect(classLabels({ id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } }, 3)).toEqual(['0', '1', '2']);
    expect(classLabels(undefined, 1000)).toBe(imagenetNames);
  });

  it('must be as many as the classes', () => {
    expect(() => classLabels({ id2label: { 0: 'cat', 1: 'dog' } }, 3)).toThrow('names 2 classes');
    expect(() => classLabels({ id2label: { 0: 'cat', 7: 'dog' } }, 2)).toThrow('names 2 classes');
  });
});
