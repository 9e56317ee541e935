import { join } from 'node:path';
import { type Runtime, tf, writeSafetensors } from '@draft/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openFolder } from '../../src/checkpoint/open-folder.js';
import { loadParts } from '../../src/load-stable-diffusion.js';
import { readConfiguredArchitecture } from '../../src/single-file/configured-architecture.js';
import type { SingleFileArchitecture } from '../../src/single-file/identify-checkpoint.js';
import { openSingleFile } from '../../src/single-file/open-single-file.js';
import { fixturePath, temporaryFolder } from '../support/checkpoint-folder.js';
import { createTestRuntime } from '../support/eager-runtime.js';
import { singleFileTensors, writeSingleFile } from '../support/write-single-file.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterEach(() => tf.disposeVariables());

/** A runtime that keeps the bytes of every weight, in the order in which they are taken. */
function createKeepingRuntime(): Runtime & { readonly weights: string[] } {
  const runtime = createTestRuntime();
  const weights: string[] = [];
  return {
    ...runtime,
    weights,
    weight(bytes, storedAs, shape, layout) {
      weights.push(`${storedAs} [${shape}] ${Buffer.from(bytes).toString('base64')}`);
      return runtime.weight(bytes, storedAs, shape, layout);
    },
  };
}

describe.each([
  ['small', 'sd_v1'],
  ['xl', 'sdxl_base_v1-0'],
] as const)('the model %s in a single file', (name, architecture: SingleFileArchitecture) => {
  const pipeline = fixturePath(`${name}/pipeline`);

  it('has the tensors of its folder, to the bit', async () => {
    const path = join(temporaryFolder(), 'model.safetensors');
    writeSingleFile(pipeline, path);
    const parts = openSingleFile(path, await readConfiguredArchitecture(pipeline));
    const [single, folder] = [createKeepingRuntime(), createKeepingRuntime()];
    const shares: number[] = [];
    const models = [
      await loadParts(parts, { runtime: single }, (share) => shares.push(share)),
      await loadParts(await openFolder(pipeline), { runtime: folder }),
    ] as const;
    expect(single.weights.length).toBeGreaterThan(300);
    expect(single.weights).toEqual(folder.weights);
    expect(models[0].architecture).toBe(architecture);
    expect(models[0].description).toBe(models[1].description);
    expect(shares.at(-1)).toBe(1);
    const [a, b] = await Promise.all(models.map((model) => model.encode(['a cat'])));
    expect(a!.context.arraySync()).toEqual(b!.context.arraySync());
    tf.dispose([a!.context, b!.context]);
    for (const model of models) model.dispose();
  });

  it('is compared with its architecture in the names of the file', async () => {
    const path = join(temporaryFolder(), 'model.safetensors');
    const tensors = singleFileTensors(pipeline);
    tensors.delete('model.diffusion_model.middle_block.1.proj_in.weight');
    tensors.set('model.diffusion_model.more.weight', { shape: [1], data: Float32Array.of(1) });
    tensors.set('first_stage_model.quant_conv.bias', { shape: [1], data: Float32Array.of(1) });
    writeSafetensors(path, tensors);
    const before = tf.memory().numTensors;
    const load = async () =>
      loadParts(openSingleFile(path, await readConfiguredArchitecture(pipeline)), {
        runtime: createTestRuntime(),
      });
    // The autoencoder comes first.
    await expect(load()).rejects.toThrow(
      /does not fit the configuration in .*first_stage_model\.quant_conv\.bias is \[1\], not \[8\]/,
    );
    tensors.set('first_stage_model.quant_conv.bias', { shape: [8], data: new Float32Array(8) });
    writeSafetensors(path, tensors);
    await expect(load()).rejects.toThrow(
      /missing \(model\.diffusion_model\.middle_block\.1\.proj_in\.weight\).*unknown \(model\.diffusion_model\.more\.weight\)/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('reads a .ckpt that a training program left, with what stands beside the weights', async () => {
  const pipeline = fixturePath('tiny/pipeline');
  const [single, folder] = [createKeepingRuntime(), createKeepingRuntime()];
  const parts = openSingleFile(fixturePath('tiny/model.ckpt'), await readConfiguredArchitecture(pipeline));
  const models = [
    await loadParts(parts, { runtime: single }),
    await loadParts(await openFolder(pipeline), { runtime: folder }),
  ];
  expect(single.weights.length).toBeGreaterThan(100);
  expect(single.weights).toEqual(folder.weights);
  for (const model of models) model.dispose();
});
