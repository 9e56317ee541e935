import { type PluginContext, type Reward, type Tensor1D, type Tensor4D, tf } from '@draft/core';
import type { DiversityOptions } from './diversity-options.js';
import { loadLpips } from './lpips/load-lpips.js';

/** Mean squares are taken to be at least this, since a root has no slope at 0; 1/255 squared is 1.5e-5. */
const smallestSquare = 1e-8;

/** Means over whole blocks `[n, ⌊height/b⌋, ⌊width/b⌋, 3]`; what fills none at the right and the bottom is left out. */
const blockMeans = (images: Tensor4D, block: number): Tensor4D => {
  const [count, height, width, channels] = images.shape;
  const side = Math.min(block, height, width);
  if (side === 1) return images;
  const [rows, columns] = [Math.floor(height / side), Math.floor(width / side)];
  const whole = tf.slice(images, [0, 0, 0, 0], [count, rows * side, columns * side, channels]);
  return tf.mean(tf.reshape(whole, [count, rows, side, columns, side, channels]), [2, 4]);
};

/**
 * Makes the reward on pixels: how far each image is from its partner in the reversed batch, `‖I_i − I_{n+1−i}‖`. The middle
 * of an odd batch, and a batch of one, is its own partner and scores next to 0. It holds no tensors.
 */
export const createPixelDiversity = ({
  distance,
  block,
}: Pick<DiversityOptions, 'distance' | 'block'>): Reward => ({
  differentiable: true,
  perSample: false,
  score: (images) =>
    tf.tidy(() => {
      const seen = blockMeans(images, block);
      const difference = tf.sub(seen, tf.reverse(seen, 0));
      const squares = tf.mean(tf.square(difference), [1, 2, 3]) as Tensor1D; // [n]
      return distance === 'squared' ? squares : tf.sqrt(tf.maximum(squares, smallestSquare));
    }),
  dispose: () => {},
});

/**
 * Makes the reward: the distance of each image from its partner in the reversed batch.
 * @throws DraftError where the weights of `lpips` cannot be had or do not fit; it names the file.
 */
export const createDiversity = async (options: DiversityOptions, context: PluginContext): Promise<Reward> => {
  if (options.distance !== 'lpips') return createPixelDiversity(options);
  const lpips = await loadLpips(options, context);
  return { differentiable: true, perSample: false, score: lpips.distances, dispose: lpips.dispose };
};
