import draft from '@draft/algorithm-draft';
import drtune from '@draft/algorithm-drtune';
import {
  createLora,
  createRandomSource,
  createRuntime,
  createTrainer,
  selectLoraLayers,
  tf,
} from '@draft/core';
import symmetry from '@draft/reward-symmetry';
import dpmpp from '@draft/sampler-dpmpp';
import { expect, it } from 'vitest';
import { loadStableDiffusion } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

it('trains the small SDXL through the same chain, as one graph a kind of step, and leaves nothing behind', async () => {
  const runtime = await createRuntime({ backend: 'tensorflow' });
  const model = await loadStableDiffusion(fixturePath('xl/pipeline'), { runtime });
  const reward = await symmetry.create({ axis: 'left-right' }, { runtime, log: () => {} });
  for (const algorithm of [drtune.create({ k: 3, m: 2 }), draft.create({ k: 2 })]) {
    const before = runtime.memory().tensors;
    const trainer = createTrainer({
      runtime,
      model,
      table: dpmpp.create({ karras: false }).table(6, model.schedule),
      algorithm,
      rewards: [{ name: 'symmetry', reward, weight: 1 }],
      adapters: createLora(selectLoraLayers(model.layers, ['attention']), {
        rank: 2,
        random: createRandomSource(3),
      }),
      prompts: ['a photo of a cat', 'a dog'],
      height: 48,
      width: 64,
      guidance: 5,
      batch: 2,
      learningRate: { base: 1e-2, iterations: 10 },
      seed: 7,
    });
    const reports = [await trainer.iterate(), await trainer.iterate()];
    const settled = runtime.memory().tensors;
    reports.push(await trainer.iterate());
    expect(runtime.memory().tensors).toBe(settled);
    for (const { reward: value, gradientNorm } of reports) {
      expect(Number.isFinite(value)).toBe(true);
      expect(gradientNorm).toBeGreaterThan(0);
    }
    // A LoRA begins at zero; it has moved.
    const ups = [...trainer.adapters().values()].map(([adapter]) => adapter!.up);
    expect(ups.some((up) => tf.tidy(() => tf.max(tf.abs(up)).dataSync()[0]!) > 0)).toBe(true);
    trainer.dispose();
    expect(runtime.memory().tensors).toBeLessThanOrEqual(before);
  }
  reward.dispose();
  model.dispose();
}, 600_000);
