import { fileURLToPath } from 'node:url';
import dpg, { dpgOptions } from '@draft/algorithm-dpg';
import { createRandomSource, type Iteration } from '@draft/core';
import { describe, expect, it } from 'vitest';
import {
  distanceOf,
  type EstimatorIndex,
  openEstimatorReference,
} from '../../models-stable-diffusion/test/support/estimator-reference.js';

interface Index extends EstimatorIndex {
  readonly rank: number;
  /** The steps that learn. */
  readonly learnt: readonly number[];
}

/** Random numbers by which just these steps are chosen. */
const choosing = (wanted: readonly number[], steps: number): Iteration['random'] => {
  const left = Array.from({ length: steps }, (_, i) => i + 1);
  const places = wanted.map((t) => {
    const place = left.indexOf(t);
    left.splice(place, 1);
    return place;
  });
  return { child: () => ({ integer: () => places.shift() }) } as never;
};

describe('DPG against PyTorch', () => {
  it.each([
    ['DDIM', 'dpg'],
    ['DDPM, with its noise', 'dpg-ddpm'],
  ])(
    'teaches the critic and the LoRA with the same gradients after %s',
    async (_, name) => {
      const fixture = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
      const reference = await openEstimatorReference<Index>(fixture);
      const { index, adapters } = reference;
      const numbers = (name: string) => reference.tensor(name).data;
      // The critic's update is too small to change a number, so that its first moment alone shows its gradient.
      const options = dpgOptions.parse({ k: 2, criticRank: index.rank, criticLearningRate: 1e-30 });
      const random = createRandomSource(1);
      const estimator = dpg.create(options).createEstimator({ ...reference.setup, random });
      const critic = { down: 'lora.0.patches.down', up: 'lora.0.patches.up', offset: 'offset' };
      estimator.restore?.(
        Object.fromEntries(
          Object.entries(critic).map(([theirs, ours]) => [
            `critic.symmetry.${ours}`,
            reference.tensor(`critic.${theirs}`),
          ]),
        ),
      );
      let gradients: Record<string, Float32Array> = {};
      let judged: readonly number[] = [];
      const iteration: Iteration = {
        index: 0,
        random: choosing(index.learnt, index.steps),
        groups: [reference.group(reference.noise)],
        adapters: () => adapters,
        sampling: () => undefined,
        judged: (scores) => {
          judged = Array.from(scores.symmetry!);
        },
        update: async (given) => {
          gradients = Object.fromEntries(
            Object.entries(given).map(([name, gradient]) => [name, gradient.dataSync() as Float32Array]),
          );
        },
      };
      const { figures } = await estimator.iterate(iteration);

      // Float32 against float64, here and below.
      expect(distanceOf(judged, numbers('rewards'))).toBeLessThan(1e-4);
      expect(figures!.criticLoss! / numbers('loss')[0]!).toBeCloseTo(1, 4);
      const saved = estimator.state!();
      for (const [theirs, ours] of Object.entries(critic)) {
        // AdamW's first moment after one step is (1 − β₁) of the gradient.
        const gradient = saved[`first.critic.symmetry.${ours}`]!.data.map((value) => 10 * value);
        expect(distanceOf(gradient, numbers(`critic-gradient.${theirs}`)), theirs).toBeLessThan(2e-4);
      }
      expect(reference.distance(gradients)).toBeLessThan(2e-4);
      estimator.dispose();
      reference.dispose();
    },
    600_000,
  ); // it records a whole network's graphs, which takes long beside other work
});
