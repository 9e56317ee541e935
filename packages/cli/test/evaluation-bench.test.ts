import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tf } from '@draft/core';
import { describe, expect, it } from 'vitest';
import { readLayers } from '../src/config/command-layers.js';
import { evaluateOptions } from '../src/config/evaluate-options.js';
import { chunkAt } from '../src/evaluate/evaluation-plan.js';
import { openEvaluationBench } from '../src/evaluate/open-evaluation-bench.js';
import { prepareEvaluation } from '../src/evaluate/prepare-evaluation.js';

const fixtures = fileURLToPath(new URL('../../models-stable-diffusion/test/fixtures/tiny', import.meta.url));

describe('the bench of an evaluation', () => {
  it('leaves as many tensors as it found, whatever is compared', async () => {
    const logged: string[] = [];
    const progress = {
      log: (message: string) => void logged.push(message),
      activity: () => {},
      iteration: () => {},
      finish: () => {},
    };
    const typed = {
      model: join(fixtures, 'pipeline'),
      ...{ steps: '2', guidance: '1', size: '32' },
      lora: [join(fixtures, 'lora/pytorch_lora_weights.safetensors')],
      strategy: ['best-of', 'prompt-template', 'latent'],
      strategySet: ['best-of.n=2', 'latent.iterations=1'],
      prompts: ['all-animal'],
      ...{ perPrompt: '2', batch: '2', reward: ['symmetry'] },
    };
    const prepared = await prepareEvaluation(
      await readLayers(evaluateOptions, typed, tmpdir()),
      tmpdir(),
      progress,
    );
    expect(logged).toContain('"all-animal" is taken for a prompt; there is a set "all-animals", too.');
    const { plan } = prepared;
    expect(plan.variants.map(({ id }) => id)).toEqual([
      'base',
      'lora-1',
      'best-of',
      'prompt-template',
      'latent',
    ]);
    const { bench } = await openEvaluationBench(prepared, tmpdir(), progress, new AbortController().signal);
    const drawAll = async () => {
      const rewards: number[][] = [];
      for (const i of plan.variants.keys()) {
        const drawn = await bench.draw(chunkAt(plan, i), () => {});
        expect(drawn.map(({ embedding }) => embedding.length)).toEqual([768, 768]);
        rewards.push(drawn.map(({ reward }) => reward));
      }
      return rewards;
    };
    const first = await drawAll();
    const before = tf.memory().numTensors;
    const second = await drawAll();
    expect(tf.memory().numTensors).toBe(before);
    expect(second).toEqual(first);
    // Neither keeps a picture that is worse than the base's.
    for (const strategy of [2, 4]) {
      first[strategy]?.forEach((reward, i) => {
        // The picture without updates comes from another graph.
        expect(reward).toBeGreaterThanOrEqual((first[0]?.[i] ?? 0) - 1e-5);
      });
    }
    expect(first[1]).not.toEqual(first[0]);
    bench.dispose();
  }, 300_000);
});
