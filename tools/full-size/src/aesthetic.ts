import { join } from 'node:path';
import { createRandomSource, type TensorToStore, writeSafetensors } from '@draft/core';
import aesthetic from '@draft/reward-aesthetic';
import { proveReward } from './prove-reward.js';

const widths = [768, 1024, 128, 64, 16, 1];

const headIn = (folder: string): string => join(folder, 'head.safetensors');

/** The predictor `sac+logos+ava1-l14-linearMSE` in names and shapes. */
const writeHead = (folder: string): void => {
  const random = createRandomSource(4);
  const tensors = [0, 2, 4, 6, 7].flatMap((layer, i): [string, TensorToStore][] => {
    const [input, output] = [widths[i]!, widths[i + 1]!];
    const weight = random.normal(input * output).map((x) => x / Math.sqrt(input));
    return [
      [`layers.${layer}.weight`, { shape: [output, input], data: Float32Array.from(weight) }],
      [`layers.${layer}.bias`, { shape: [output], data: new Float32Array(output) }],
    ];
  });
  writeSafetensors(headIn(folder), new Map(tensors));
};

// The aesthetic predictor on openai/clip-vit-large-patch14 as published, whose text tower is left alone.
await proveReward(import.meta.url, {
  plugin: aesthetic,
  keys: new URL('../../../packages/models-clip/test/fixtures/published/hf_clip_vit_l14.tsv', import.meta.url),
  files: {},
  writeMore: writeHead,
  options: (folder) => ({ head: headIn(folder) }),
});
