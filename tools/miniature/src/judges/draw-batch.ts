import type { RandomSource } from '../data/random-source.js';
import { augment, type Movement } from './augment.js';
import type { JudgeFacts } from './judge-scene.js';
import { pictureBytes } from './judge-scenes.js';
import type { JudgeTraining } from './judge-training.js';
import { softScenes } from './soft-pictures.js';

/** The share of pictures that went through the miniature. */
const softShare = 0.4;

/** Pictures of a batch, with what is known of each and how it was moved. */
export interface DrawnBatch {
  readonly pictures: Float32Array; // [count, 64, 64, 3]
  readonly facts: readonly JudgeFacts[];
  readonly movements: readonly Movement[];
}

/** Training scenes drawn at random among those that are accepted, each changed as `augment` does. */
export const drawBatch = (
  { scenes, soft }: Pick<JudgeTraining, 'scenes' | 'soft'>,
  count: number,
  random: RandomSource,
  accepts: (facts: JudgeFacts) => boolean = () => true,
): DrawnBatch => {
  const pictures = new Float32Array(count * pictureBytes);
  const facts: JudgeFacts[] = [];
  const movements: Movement[] = [];
  while (facts.length < count) {
    const isSoft = random.chance(softShare);
    const scene = random.integer(isSoft ? softScenes : scenes.training);
    const found = scenes.facts[scene]!;
    if (!accepts(found)) continue;
    const at = facts.length * pictureBytes;
    const bytes = isSoft ? soft(scene) : scenes.read(scene);
    movements.push(augment(bytes, pictures.subarray(at, at + pictureBytes), random));
    facts.push(found);
  }
  return { pictures, facts, movements };
};

/** Whether a scene shows one animal and nothing else, larger than half of the picture. */
export const showsOneAnimal = ({ objects }: JudgeFacts): boolean => {
  const [only] = objects;
  if (objects.length !== 1 || !only || only.label === 'book') return false;
  const [left, top, right, bottom] = only.box;
  return Math.max(right - left, bottom - top) > 32;
};
