import type { CompiledFunction, Runtime, TensorRecord } from '../contracts/runtime.js';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../runtime/tf.js';
import { factorsFor, preparedFor, preparedRecord, totalScore, type WeightedReward } from './objective.js';

/**
 * The objective as it is at one picture, to first order: `Σ G·I` with the gradient `G` in that picture's pixels. Its
 * gradient is `G` at any picture, and no reward is asked.
 */
export const frozenPixels: WeightedReward = {
  name: 'frozen pixels',
  weight: 1,
  reward: {
    differentiable: true,
    perSample: true,
    score: (images, { gradient }) => tf.sum(tf.mul(images, gradient as Tensor), [1, 2, 3]) as Tensor1D,
    dispose: () => {},
  },
};

/** Makes the function from `images` to what `frozenPixels` needs: the gradient of the total score in them. */
export const compilePixelGradient = (
  runtime: Runtime,
  rewards: readonly WeightedReward[],
): CompiledFunction<TensorRecord, TensorRecord> =>
  runtime.compile('pixel-gradient', (inputs: TensorRecord) => {
    const prepared = rewards.map(({ name }) => preparedFor(name, inputs));
    const factors = factorsFor(rewards, inputs);
    const total = (images: Tensor) => totalScore(rewards, images as Tensor4D, prepared, factors).total;
    const gradient = tf.grad(total)(inputs.images as Tensor); // [n, height, width, 3]
    return preparedRecord(frozenPixels.name, { gradient });
  });
