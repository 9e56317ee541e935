import { silu, type Tensor, type Tensor2D, tf, type Weights } from '@draft/core';
import { createDense } from '../blocks/dense.js';
import { sinusoids, type WaveOptions } from './sinusoids.js';

/** How a timestep becomes a vector. */
export interface TimestepEmbeddingOptions extends WaveOptions {
  /** Width of the embedding. */
  readonly width: number;
  /** Width of the guidance's embedding in a network that was distilled for several; null in any other. */
  readonly guidanceWidth?: number | null;
}

/**
 * The timestep embedding: scalar `-> [1, width]`, or `[n] -> [n, width]` where each sample has a timestep of its own.
 * The second argument is the guidance's embedding, `[1, guidanceWidth]`, where the network has one.
 */
export function createTimestepEmbedding(
  weights: Weights,
  name: string,
  { width, guidanceWidth = null, ...wave }: TimestepEmbeddingOptions,
): (timestep: Tensor, guidance?: Tensor2D) => Tensor2D {
  const embed = sinusoids(wave);
  const inFeatures = wave.inputWidth;
  const linear1 = createDense(weights, `${name}.linear_1`, { inFeatures, outFeatures: width });
  const linear2 = createDense(weights, `${name}.linear_2`, { inFeatures: width, outFeatures: width });
  const project =
    guidanceWidth === null
      ? null
      : createDense(weights, `${name}.cond_proj`, {
          inFeatures: guidanceWidth,
          outFeatures: inFeatures,
          bias: false,
        });
  return (timestep, guidance) => {
    const own = embed(timestep); // [1 or n, inputWidth]
    const input: Tensor2D = project && guidance ? tf.add(own, project(guidance)) : own;
    return linear2(silu(linear1(input)));
  };
}
