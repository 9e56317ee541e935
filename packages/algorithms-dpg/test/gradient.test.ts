import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import dpg, { dpgOptions } from '@draft/algorithm-dpg';
import {
  adapterRecord,
  createRandomSource,
  createRuntime,
  type Iteration,
  readLora,
  readSafetensors,
  type Tensor,
  tf,
} from '@draft/core';
import { loadStableDiffusion } from '@draft/model-stable-diffusion';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import { describe, expect, it } from 'vitest';

const near = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const tiny = (name: string) => near(`../../models-stable-diffusion/test/fixtures/tiny/${name}`);

const index = JSON.parse(readFileSync(near('fixtures/dpg.json'), 'utf8')) as {
  readonly prompts: string[];
  readonly guidance: number;
  readonly steps: number;
  readonly rank: number;
  readonly learnt: number[];
};
const reference = readSafetensors(near('fixtures/dpg.safetensors')).tensors;
const numbers = (name: string) => reference.get(name)!.data;

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
const distance = (actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number) =>
  largest(Array.from(actual, (value, i) => value - expected[i]!)) / scale;

describe('DPG against PyTorch', () => {
  it('teaches the critic and the LoRA with the same gradients', async () => {
    const runtime = await createRuntime({ backend: 'tensorflow' });
    const model = await loadStableDiffusion(tiny('pipeline'), { runtime });
    const adapters = readLora(tiny('lora/pytorch_lora_weights.safetensors'), model.layers);
    const reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
    // The critic's update is too small to change a number, so that its first moment alone shows its gradient.
    const options = dpgOptions.parse({ k: 2, criticRank: index.rank, criticLearningRate: 1e-30 });
    const estimator = dpg.create(options).createEstimator({
      runtime,
      model,
      table: ddim.create({ eta: 0 }).table(index.steps, model.schedule),
      guidance: index.guidance,
      height: 16,
      width: 24,
      adapters,
      rewards: [{ name: 'symmetry', reward, weight: 1 }],
      prompts: index.prompts,
      random: createRandomSource(1),
    });
    const critic = { down: 'lora.0.patches.down', up: 'lora.0.patches.up', offset: 'offset' };
    estimator.restore?.(
      Object.fromEntries(
        Object.entries(critic).map(([theirs, ours]) => [
          `critic.symmetry.${ours}`,
          reference.get(`critic.${theirs}`)!,
        ]),
      ),
    );
    let gradients: Record<string, Float32Array> = {};
    let judged: readonly number[] = [];
    const iteration: Iteration = {
      index: 0,
      // Takes the steps 1 and 2.
      random: { child: () => ({ integer: (from: number) => from }) } as never,
      groups: [
        {
          prompts: index.prompts,
          context: async () => {
            const conditional = (await model.encode(index.prompts)).context;
            return tf.concat([(await model.encode(['', ''])).context, conditional], 0);
          },
          noise: () => tf.transpose(tf.tensor4d(numbers('latents'), [2, 4, 8, 12]), [0, 2, 3, 1]),
          rewardContext: () => ({ prompts: index.prompts, random: null as never, iteration: 0 }),
        },
      ],
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
    expect(distance(judged, numbers('rewards'), largest(numbers('rewards')))).toBeLessThan(1e-4);
    expect(figures!.criticLoss! / numbers('loss')[0]!).toBeCloseTo(1, 4);
    const saved = estimator.state!();
    for (const [theirs, ours] of Object.entries(critic)) {
      const expected = numbers(`critic-gradient.${theirs}`);
      // AdamW's first moment after one step is (1 − β₁) of the gradient.
      const gradient = saved[`first.critic.symmetry.${ours}`]!.data.map((value) => 10 * value);
      expect(distance(gradient, expected, largest(expected)), theirs).toBeLessThan(2e-4);
    }
    const expected = Object.keys(adapterRecord(adapters)).map((key) => {
      const [, layer, side] = /^lora\.0\.(.+)\.(down|up)$/.exec(key)!;
      return [key, numbers(`gradient.unet.${layer}.lora_${side === 'down' ? 'A' : 'B'}.weight`)] as const;
    });
    const scale = Math.max(...expected.map(([, data]) => largest(data)));
    expect(scale).toBeGreaterThan(0);
    for (const [key, data] of expected)
      expect(distance(gradients[key]!, data, scale), key).toBeLessThan(2e-4);
    estimator.dispose();
    tf.dispose(adapterRecord(adapters) as Record<string, Tensor>);
    reward.dispose();
    model.dispose();
  }, 600_000); // it records a whole network's graphs, which takes long beside other work
});
