import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ddpo, { type DdpoOptions, ddpoOptions } from '@draft/algorithm-ddpo';
import {
  type Adapters,
  adapterRecord,
  adaptersFrom,
  createRuntime,
  type Iteration,
  readLora,
  readSafetensors,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { loadStableDiffusion } from '@draft/model-stable-diffusion';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import { describe, expect, it } from 'vitest';

const near = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const tiny = (name: string) => near(`../../models-stable-diffusion/test/fixtures/tiny/${name}`);

const index = JSON.parse(readFileSync(near('fixtures/ddpo.json'), 'utf8')) as {
  readonly prompts: string[];
  readonly guidance: number;
  readonly steps: number;
  readonly clipRange: number;
  readonly growth: number;
};
const reference = readSafetensors(near('fixtures/ddpo.safetensors')).tensors;
const numbers = (name: string) => reference.get(name)!.data;

const latentsLast = (data: Float32Array): Tensor4D =>
  tf.tidy(() => tf.transpose(tf.tensor4d(data, [2, 4, 8, 12]), [0, 2, 3, 1]));

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

describe('DDPO against PyTorch', () => {
  it('follows the same gradient, while sampling and with another LoRA', async () => {
    const runtime = await createRuntime({ backend: 'tensorflow' });
    const model = await loadStableDiffusion(tiny('pipeline'), { runtime });
    const start = readLora(tiny('lora/pytorch_lora_weights.safetensors'), model.layers);
    const grown = Object.fromEntries(
      Object.entries(adapterRecord(start)).map(([name, tensor]) => [name, tf.mul(tensor, index.growth)]),
    );
    let adapters: Adapters = start;
    const reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
    const options: DdpoOptions = ddpoOptions.parse({ clipRange: index.clipRange });
    const estimator = ddpo.create(options).createEstimator({
      runtime,
      model,
      // Its noise is the algorithm's own: the fixture was sampled by DDIM with η = 1.
      table: ddim.create({ eta: 0 }).table(index.steps, model.schedule),
      guidance: index.guidance,
      height: 16,
      width: 24,
      adapters,
      rewards: [{ name: 'symmetry', reward, weight: 1 }],
      prompts: index.prompts,
      random: null as never,
    });

    const updates: Record<string, Float32Array>[] = [];
    let judged: readonly number[] = [];
    const size = 2 * 4 * 8 * 12;
    const iteration: Iteration = {
      index: 0,
      random: { child: () => ({ integer: (from: number) => from }) } as never,
      groups: [
        {
          prompts: index.prompts,
          context: async () => {
            const conditional = (await model.encode(index.prompts)).context;
            const unconditional = (await model.encode(['', ''])).context;
            return tf.concat([unconditional, conditional], 0);
          },
          noise: (kind, t) => {
            if (kind === 'initial') return latentsLast(numbers('latents'));
            const from = (index.steps - (t as number)) * size;
            return latentsLast(numbers('noises').slice(from, from + size));
          },
          rewardContext: () => ({ prompts: index.prompts, random: null as never, iteration: 0 }),
        },
      ],
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

    const rewards = numbers('rewards');
    expect(largest(judged.map((value, i) => value - rewards[i]!)) / largest(rewards)).toBeLessThan(1e-4);
    expect(updates).toHaveLength(2);
    // In the second epoch 3 of 8 ratios are outside, in the first none.
    expect(figures).toEqual({ clipped: 3 / 16 });
    for (const [epoch, gradients] of [
      ['first', updates[0]!],
      ['second', updates[1]!],
    ] as const) {
      const expected = Object.keys(adapterRecord(start)).map((key) => {
        const [, layer, side] = /^lora\.0\.(.+)\.(down|up)$/.exec(key)!;
        const name = `${epoch}.gradient.unet.${layer}.lora_${side === 'down' ? 'A' : 'B'}.weight`;
        return [key, numbers(name)] as const;
      });
      const scale = Math.max(...expected.map(([, data]) => largest(data)));
      expect(scale).toBeGreaterThan(0);
      let worst = 0;
      for (const [key, data] of expected) {
        const ours = gradients[key]!;
        worst = Math.max(worst, largest(Array.from(ours, (value, i) => value - data[i]!)) / scale);
      }
      // Float32 against float64; the residual (x_next − μ)/c² magnifies the rounding of the network.
      expect(worst, epoch).toBeLessThan(2e-4);
    }
    estimator.dispose();
    tf.dispose([adapterRecord(start), grown] as unknown as Tensor[]);
    reward.dispose();
    model.dispose();
  }, 600_000); // it records a whole network's graphs, which takes long beside other work
});
