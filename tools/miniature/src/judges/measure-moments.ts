import { type Runtime, type Tensor, type Tensor4D, tf } from '@draft/core';
import { type Parameter, sliceParameters, weightsFrom } from '../pretrain/parameters.js';
import { side } from './judge-scenes.js';

/** Mean and variance of each channel of a batch norm's input. */
export interface MeasuredMoments {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** Mean and variance of a batch and all its pixels. */
export const batchMoments = (_: string, x: Tensor4D) => tf.moments(x, [0, 1, 2]);

/** What moments are measured of, and on. */
export interface MomentsTask {
  readonly parameters: readonly Parameter[];
  readonly values: Float32Array;
  readonly batches: number;
  /** Pictures of a batch, `[n, 64, 64, 3]` in `[0, 1]`. */
  draw(batch: number): Float32Array;
  /** Runs the network with the moments of each batch norm as it is given them. */
  run(weights: ReturnType<typeof weightsFrom>, moments: typeof batchMoments, pictures: Tensor4D): void;
}

/**
 * The moments of each batch norm's input over many training pictures, which stand in for those of a batch once a network
 * is trained.
 * @returns By name of the norm.
 */
export const measureMoments = async (
  runtime: Runtime,
  { parameters, values, batches, draw, run }: MomentsTask,
): Promise<ReadonlyMap<string, MeasuredMoments>> => {
  const compiled = runtime.compile(
    'moments',
    ({ weights, pictures }: { weights: Tensor; pictures: Tensor4D }) => {
      const found: Record<string, Tensor> = {};
      const parts = sliceParameters(parameters, weights);
      const moments = (norm: string, x: Tensor4D) => {
        const { mean, variance } = batchMoments(norm, x);
        found[`${norm} mean`] = mean;
        found[`${norm} variance`] = variance;
        return { mean, variance };
      };
      run(weightsFrom(parameters, parts), moments, pictures);
      return found;
    },
  );
  const sums = new Map<string, MeasuredMoments>();
  const weights = tf.tensor1d(values);
  for (let batch = 0; batch < batches; batch++) {
    const pixels = draw(batch);
    const input = tf.tensor4d(pixels, [pixels.length / (side * side * 3), side, side, 3]);
    const found = await compiled({ weights, pictures: input });
    for (const [key, tensor] of Object.entries(found)) {
      const [norm, part] = key.split(' ') as [string, keyof MeasuredMoments];
      const measured = tensor.dataSync();
      const sum = sums.get(norm) ?? {
        mean: new Float32Array(measured.length),
        variance: new Float32Array(measured.length),
      };
      measured.forEach((value, i) => {
        sum[part][i]! += value / batches;
      });
      sums.set(norm, sum);
    }
    tf.dispose([input, found]);
  }
  weights.dispose();
  compiled.dispose();
  return sums;
};
