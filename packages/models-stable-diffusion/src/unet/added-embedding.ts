import { silu, type Tensor2D, tf, type Weights } from '@draft/core';
import { createDense } from '../blocks/dense.js';
import { sinusoids, type WaveOptions } from './sinusoids.js';
import { type AddedEmbeddingConfig, sizeNumbers } from './unet-config.js';

/** What SDXL is told besides the text states. */
export interface AddedConditions {
  /** The pooled text embedding, `[n, pooledWidth]`. */
  readonly pooled: Tensor2D;
  /** The picture's own height and width, the top and left of its cut, and the height and width to make, in pixels. */
  readonly size: readonly number[];
}

/** The shape of the added embedding. */
export interface AddedEmbeddingOptions
  extends AddedEmbeddingConfig,
    Pick<WaveOptions, 'freqShift' | 'flipSinToCos'> {
  /** Width of the timestep embedding, to which it is added. */
  readonly width: number;
}

/**
 * What SDXL adds to the timestep embedding: two linear maps over the pooled text beside the embedded size numbers,
 * `[n, width]`.
 * @see Podell et al. 2023, SDXL: Improving Latent Diffusion Models for High-Resolution Image Synthesis, section 2.2
 */
export function createAddedEmbedding(
  weights: Weights,
  name: string,
  { pooledWidth, sizeWidth, width, ...wave }: AddedEmbeddingOptions,
): (conditions: AddedConditions) => Tensor2D {
  const embed = sinusoids({ ...wave, inputWidth: sizeWidth });
  const inFeatures = pooledWidth + sizeNumbers * sizeWidth;
  const linear1 = createDense(weights, `${name}.linear_1`, { inFeatures, outFeatures: width });
  const linear2 = createDense(weights, `${name}.linear_2`, { inFeatures: width, outFeatures: width });
  return ({ pooled, size }) => {
    const numbers = tf.reshape(embed(tf.tensor1d([...size])), [1, sizeNumbers * sizeWidth]) as Tensor2D;
    const repeated = tf.tile(numbers, [pooled.shape[0], 1]);
    const input = tf.concat([pooled, repeated], 1) as Tensor2D;
    return linear2(silu(linear1(input)));
  };
}
