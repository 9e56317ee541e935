import { openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { SceneFacts } from '../data/scene.js';

/** The side of a picture in pixels, and the bytes of one. */
export const side = 64;
export const pictureBytes = side * side * 3;

/** How many of the last scenes no judge is trained on. They show the same drawings, placed anew. */
export const heldOutScenes = 2000;

/** The scenes of the cache, as judges read them. */
export interface JudgeScenes {
  readonly facts: readonly SceneFacts[];
  /** Scenes `0 … training − 1` are for training, the rest is held out. */
  readonly training: number;
  /** The bytes of a scene, `[64, 64, 3]`; valid until the next call. */
  read(scene: number): Uint8Array;
}

/** Opens a file of raw pictures; what it returns reads the one of a number, valid until the next call. */
export const openRawPictures = (path: string): ((number: number) => Uint8Array) => {
  const file = openSync(path, 'r');
  const buffer = new Uint8Array(pictureBytes);
  return (number) => {
    readSync(file, buffer, 0, pictureBytes, number * pictureBytes);
    return buffer;
  };
};

/** Opens `scenes.u8` and `scenes.jsonl`. */
export const openJudgeScenes = (data: string): JudgeScenes => {
  const facts = readFileSync(join(data, 'scenes.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SceneFacts);
  return { facts, training: facts.length - heldOutScenes, read: openRawPictures(join(data, 'scenes.u8')) };
};
