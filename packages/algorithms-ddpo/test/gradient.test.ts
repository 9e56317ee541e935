import { fileURLToPath } from 'node:url';
import ddpo, { type DdpoOptions, ddpoOptions } from '@draft/algorithm-ddpo';
import { type Adapters, adapterRecord, adaptersFrom, type Iteration, type Tensor, tf } from '@draft/core';
import { describe, expect, it } from 'vitest';
import {
  distanceOf,
  type EstimatorIndex,
  openEstimatorReference,
} from '../../models-stable-diffusion/test/support/estimator-reference.js';

const fixture = fileURLToPath(new URL('fixtures/ddpo', import.meta.url));

interface Index extends EstimatorIndex {
  readonly clipRange: number;
  readonly growth: number;
}

describe('DDPO against PyTorch', () => {
  it('follows the same gradient, while sampling and with another LoRA', async () => {
    const reference = await openEstimatorReference<Index>(fixture);
    const { index, adapters: start } = reference;
    const numbers = (name: string) => reference.tensor(name).data;
    const grown = Object.fromEntries(
      Object.entries(adapterRecord(start)).map(([name, tensor]) => [name, tf.mul(tensor, index.growth)]),
    );
    let adapters: Adapters = start;
    const options: DdpoOptions = ddpoOptions.parse({ clipRange: index.clipRange });
    // Its noise is the algorithm's own: the fixture was sampled by DDIM with η = 1.
    const estimator = ddpo.create(options).createEstimator({ ...reference.setup, random: null as never });

    const updates: Record<string, Float32Array>[] = [];
    let judged: readonly number[] = [];
    const iteration: Iteration = {
      index: 0,
      random: { child: () => ({ integer: (from: number) => from }) } as never,
      groups: [reference.group(reference.noise)],
      adapters: () => adapters,
      sampling: () => undefined,
      judged: (scores) => {
        judged = Array.from(scores.symmetry!);
      },
      update: async (gradients) => {
        updates.push(
          Object.fromEntries(
            Object.entries(gradients).map(([name, gradient]) => [name, gradient.dataSync() as Float32Array]),
          ),
        );
        adapters = adaptersFrom(grown, start);
      },
    };
    const { figures } = await estimator.iterate(iteration);

    expect(distanceOf(judged, numbers('rewards'))).toBeLessThan(1e-4);
    expect(updates).toHaveLength(2);
    // In the second epoch 3 of 8 ratios are outside, in the first none.
    expect(figures).toEqual({ clipped: 3 / 16 });
    // Float32 against float64; the residual (x_next − μ)/c² magnifies the rounding of the network.
    expect(reference.distance(updates[0]!, 'first.')).toBeLessThan(2e-4);
    expect(reference.distance(updates[1]!, 'second.')).toBeLessThan(2e-4);
    estimator.dispose();
    tf.dispose(grown as Record<string, Tensor>);
    reference.dispose();
  }, 600_000); // it records a whole network's graphs, which takes long beside other work
});
