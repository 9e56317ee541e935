import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPng } from '@draft/core';
import { animalNames } from '../data/animals.js';
import type { JudgeFacts } from './judge-scene.js';
import { type JudgeScenes, pictureBytes } from './judge-scenes.js';

/** A picture for testing judges. */
export interface TestPicture {
  readonly pixels: Float32Array; // [64, 64, 3] in [0, 1]
  readonly facts: JudgeFacts;
}

/** The first held-out scenes. */
export const heldOutPictures = (scenes: JudgeScenes, count: number): readonly TestPicture[] =>
  Array.from({ length: Math.min(count, scenes.facts.length - scenes.training) }, (_, i) => {
    const scene = scenes.training + i;
    const pixels = Float32Array.from(scenes.read(scene), (byte) => byte / 255);
    return { pixels, facts: scenes.facts[scene]! };
  });

/** A picture and the animal that was asked for. */
export interface GeneratedPicture {
  readonly pixels: Float32Array;
  readonly animal: string;
}

/** The pictures that `draft generate --prompts all-animals` wrote, as many of each animal. */
export const generatedPictures = (folder: string): readonly GeneratedPicture[] => {
  const files = readdirSync(folder)
    .filter((name) => /^\d+\.png$/.test(name))
    .sort();
  const each = files.length / animalNames.length;
  if (!Number.isInteger(each) || each === 0) {
    throw new Error(
      `${folder} holds ${files.length} pictures, not as many of each of ${animalNames.length}.`,
    );
  }
  return files.map((name, index) => {
    const { data } = readPng(join(folder, name));
    const bytes = Float32Array.from(data, (value) => value / 255);
    if (bytes.length !== pictureBytes) throw new Error(`${name} is not of 64 × 64 pixels.`);
    return { pixels: bytes, animal: animalNames[Math.floor(index / each)]! };
  });
};
