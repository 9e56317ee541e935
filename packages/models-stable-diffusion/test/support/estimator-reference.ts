import { readFileSync } from 'node:fs';
import {
  type Adapters,
  adapterRecord,
  createRuntime,
  type EstimatorSetup,
  readLora,
  readSafetensors,
  type SampleGroup,
  type StoredTensor,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import ddim from '@draft/sampler-ddim';
import ddpm from '@draft/sampler-ddpm';
import { loadStableDiffusion } from '../../src/index.js';
import { fixturePath } from './checkpoint-folder.js';

/** What every fixture of an estimator says about itself. */
export interface EstimatorIndex {
  readonly prompts: readonly string[];
  readonly guidance: number;
  readonly steps: number;
  /** @default 'ddim' */
  readonly sampler?: 'ddim' | 'ddpm';
}

/** Gradients of an estimator by PyTorch on the tiny pipeline, and all that they are taken from. */
export interface EstimatorReference<Index extends EstimatorIndex> {
  readonly index: Index;
  /** A tensor of the fixture. */
  tensor(name: string): StoredTensor;
  readonly adapters: Adapters;
  /** The symmetry reward on pictures of 16 × 24. */
  readonly setup: Omit<EstimatorSetup, 'random'>;
  /** The noise that the fixture was sampled with. */
  readonly noise: SampleGroup['noise'];
  /** The fixture's samples, with this noise. */
  group(noise: SampleGroup['noise']): SampleGroup;
  /** The largest difference of LoRA gradients to those of the fixture under a prefix, over the largest of these. */
  distance(gradients: Readonly<Record<string, Float32Array>>, prefix?: string): number;
  dispose(): void;
}

const shape = [2, 4, 8, 12] as const;
const size = shape.reduce((product, side) => product * side, 1);

/** Noise as PyTorch has it, with channels last; owned by the caller. */
const latentsLast = (data: Float32Array): Tensor4D =>
  tf.tidy(() => tf.transpose(tf.tensor4d(data, [...shape]), [0, 2, 3, 1]));

/** The largest number, whatever its sign. */
export const largest = (values: ArrayLike<number>): number => Math.max(...Array.from(values, Math.abs));

/** The largest difference over the largest expected number. */
export const distanceOf = (actual: ArrayLike<number>, expected: ArrayLike<number>): number =>
  largest(Array.from(actual, (value, i) => value - expected[i]!)) / largest(expected);

/**
 * Opens the fixture of an estimator.
 * @param fixture Its path without `.json` and `.safetensors`.
 */
export const openEstimatorReference = async <Index extends EstimatorIndex>(
  fixture: string,
): Promise<EstimatorReference<Index>> => {
  const index = JSON.parse(readFileSync(`${fixture}.json`, 'utf8')) as Index;
  const { tensors } = readSafetensors(`${fixture}.safetensors`);
  const { guidance, steps, prompts } = index;
  const runtime = await createRuntime({ backend: 'tensorflow' });
  const model = await loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime });
  const adapters = readLora(fixturePath('tiny/lora/pytorch_lora_weights.safetensors'), model.layers);
  const reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
  const sampler = index.sampler === 'ddpm' ? ddpm.create({}) : ddim.create({ eta: 0 });
  const peft = (key: string) => {
    const [, layer, side] = /^lora\.0\.(.+)\.(down|up)$/.exec(key)!;
    return `unet.${layer}.lora_${side === 'down' ? 'A' : 'B'}.weight`;
  };
  return {
    index,
    tensor: (name) => tensors.get(name)!,
    adapters,
    setup: {
      ...{ runtime, model, guidance, adapters, prompts, height: 16, width: 24 },
      table: sampler.table(steps, model.schedule),
      rewards: [{ name: 'symmetry', reward, weight: 1 }],
    },
    noise(kind, t) {
      if (kind === 'initial') return latentsLast(tensors.get('latents')!.data);
      const from = (steps - (t as number)) * size;
      return latentsLast(tensors.get('noises')!.data.slice(from, from + size));
    },
    group: (noise) => ({
      prompts,
      async context() {
        const conditional = (await model.encode(prompts)).context;
        const unconditional = (await model.encode(prompts.map(() => ''))).context;
        return tf.concat([unconditional, conditional], 0);
      },
      noise,
      rewardContext: () => ({ prompts, random: null as never, iteration: 0 }),
    }),
    distance(gradients, prefix = '') {
      const pairs = Object.keys(adapterRecord(adapters)).map(
        (key) => [gradients[key]!, tensors.get(`${prefix}gradient.${peft(key)}`)!.data] as const,
      );
      const scale = Math.max(...pairs.map(([, expected]) => largest(expected)));
      const differences = pairs.map(([ours, expected]) =>
        largest(Array.from(ours, (value, i) => value - expected[i]!)),
      );
      return Math.max(...differences) / scale;
    },
    dispose() {
      tf.dispose(adapterRecord(adapters) as Record<string, Tensor>);
      reward.dispose();
      model.dispose();
    },
  };
};
