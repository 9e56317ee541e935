import {
  createRandomSource,
  type Scalar,
  type Tensor,
  type Tensor4D,
  type TensorRecord,
  tf,
} from '@draft/core';
import { createClipscore } from '@draft/reward-clipscore';
import { norm } from './norm.js';
import { readInput } from './open-model.js';
import type { Work } from './work.js';

/** The cosine of pictures and prompts, and its gradient in the pixels. */
export const clipGradient: Work = async (setup, runtime) => {
  const reward = await createClipscore(
    {
      model: 'h14',
      checkpoint: setup.model,
      tokenizer: setup.model,
      scale: 'cosine',
      preprocessing: 'bilinear',
      antialias: true,
    },
    { runtime, log: () => {} },
  );
  const images = readInput(setup, 'images');
  const compiled = runtime.compile('clip-gradient', (inputs: TensorRecord) => {
    let scores: Tensor | undefined;
    const sum = (pixels: Tensor): Scalar => {
      scores = tf.keep(reward.score(pixels as Tensor4D, inputs));
      return tf.sum(scores);
    };
    const [gradient] = tf.grads(sum)([inputs.images as Tensor]);
    return { gradient: gradient as Tensor, scores: scores as Tensor };
  });
  const context = { prompts: setup.prompts, random: createRandomSource(0), iteration: 0 };
  return async () => {
    const prepared = (await reward.prepare?.(context)) ?? {};
    const { gradient, scores } = await compiled({ images, ...prepared });
    const values = {
      score: tf.tidy(() => tf.mean(scores as Tensor).dataSync()[0] as number),
      gradient: norm([gradient as Tensor]),
    };
    tf.dispose([gradient, scores, ...Object.values(prepared)] as Tensor[]);
    return values;
  };
};
