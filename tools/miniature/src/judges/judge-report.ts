import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Reward,
  type RewardPlugin,
  type Runtime,
  readPng,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { animalNames } from '../data/animals.js';
import { createRandomSource, mixSeed, type RandomSource } from '../data/random-source.js';
import { type JudgeScenes, pictureBytes, side } from './judge-scenes.js';

/** A picture and the animal that it shows or was asked for. */
export interface JudgedPicture {
  readonly pixels: Float32Array; // [64, 64, 3] in [0, 1]
  readonly animal: string;
}

/** Held-out scenes of one animal alone, drawn at random. */
export const heldOutPictures = (scenes: JudgeScenes, count: number): readonly JudgedPicture[] => {
  const random: RandomSource = createRandomSource(mixSeed(91));
  const pictures: JudgedPicture[] = [];
  while (pictures.length < count) {
    const scene = scenes.training + random.integer(scenes.facts.length - scenes.training);
    const { animal, boxes } = scenes.facts[scene]!;
    if (boxes.length > 1) continue;
    pictures.push({ animal, pixels: Float32Array.from(scenes.read(scene), (byte) => byte / 255) });
  }
  return pictures;
};

/** The pictures that `draft generate --prompts all-animals` wrote, as many of each animal. */
export const generatedPictures = (folder: string): readonly JudgedPicture[] => {
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

/** Scores by a reward, made by its plugin as `draft` makes it. */
export const openReward = async (
  runtime: Runtime,
  plugin: RewardPlugin<never>,
  options: Readonly<Record<string, unknown>>,
) => {
  const parsed = await plugin.options['~standard'].validate(options);
  if (parsed.issues) throw new Error(parsed.issues.map(({ message }) => message).join('; '));
  const reward = (await plugin.create(parsed.value, { runtime, log: console.log })) as Reward;
  const score = runtime.compile('score', ({ images, ...rest }: Record<string, Tensor>) => ({
    scores: reward.score(images as Tensor4D, rest),
  }));
  return {
    async score(pictures: readonly Float32Array[], prompts: readonly string[]): Promise<number[]> {
      const all = new Float32Array(pictures.length * pictureBytes);
      pictures.forEach((pixels, i) => {
        all.set(pixels, i * pictureBytes);
      });
      const images = tf.tensor4d(all, [pictures.length, side, side, 3]);
      const prepared = (await reward.prepare?.({ prompts, random: undefined as never, iteration: 0 })) ?? {};
      const { scores } = await score({ images, ...prepared });
      const values = [...scores.dataSync()];
      tf.dispose([images, prepared, scores]);
      return values;
    },
    dispose() {
      score.dispose();
      reward.dispose();
    },
  };
};

/** The share of the pictures whose own animal is the first, and among the first five, of all by a table of scores. */
export const topShares = (
  pictures: readonly JudgedPicture[],
  scores: readonly (readonly number[])[],
): { readonly first: number; readonly five: number } => {
  let [first, five] = [0, 0];
  pictures.forEach(({ animal }, i) => {
    const own = scores[animalNames.indexOf(animal)]![i]!;
    const better = scores.filter((row) => row[i]! > own).length;
    if (better === 0) first += 1;
    if (better < 5) five += 1;
  });
  return { first: first / pictures.length, five: five / pictures.length };
};
