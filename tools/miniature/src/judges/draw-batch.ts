import type { RandomSource } from '../data/random-source.js';
import type { SceneFacts } from '../data/scene.js';
import { augment } from './augment.js';
import { pictureBytes } from './judge-scenes.js';
import type { JudgeTraining } from './judge-training.js';
import { softScenes } from './soft-pictures.js';

/** The share of pictures that went through the autoencoder. */
const softShare = 0.3;

/** Training scenes drawn at random, each changed as `augment` does. */
export const drawBatch = (
  { scenes, soft }: Pick<JudgeTraining, 'scenes' | 'soft'>,
  count: number,
  random: RandomSource,
): { readonly pictures: Float32Array; readonly facts: readonly SceneFacts[] } => {
  const pictures = new Float32Array(count * pictureBytes); // [count, 64, 64, 3]
  const facts = Array.from({ length: count }, (_, i) => {
    const isSoft = random.chance(softShare);
    const scene = random.integer(isSoft ? softScenes : scenes.training);
    const pixels = pictures.subarray(i * pictureBytes, (i + 1) * pictureBytes);
    augment(isSoft ? soft(scene) : scenes.read(scene), pixels, random);
    return scenes.facts[scene]!;
  });
  return { pictures, facts };
};
