import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { DraftError, tf } from '@draft/core';
import { beforeAll, describe, expect, it } from 'vitest';
import plugin, { loadStableDiffusion, stableDiffusionOptions } from '../src/index.js';
import { copyPipeline, editJson, fixturePath, temporaryFolder } from './support/checkpoint-folder.js';
import { createTestRuntime } from './support/eager-runtime.js';
import { writeSingleFile } from './support/write-single-file.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const load = (path: string) => loadStableDiffusion(path, { runtime: createTestRuntime() });
const published = fixturePath('small/pipeline');

describe('a loaded checkpoint', () => {
  it('tells about itself', async () => {
    const model = await load(published);
    expect(model.description).toMatch(/^Stable Diffusion, predicts noise, UNet of 0\.\d+ M parameters$/);
    expect(model.architecture).toBe('sd_v1');
    expect(model.imageSize).toEqual({ height: 64, width: 64 });
    expect(model.latentShape(64, 48)).toEqual([8, 6, 4]);
    expect(model.layers.length).toBeGreaterThan(100);
    expect(model.schedule).toMatchObject({ predictionType: 'epsilon', stepsOffset: 1, setAlphaToOne: false });
    model.dispose();
  });

  it.each([
    [60, 64],
    [64, 0],
    [64.5, 64],
    [Number.NaN, 64],
  ])('refuses images of %d × %d', async (height, width) => {
    const model = await load(published);
    expect(() => model.latentShape(height, width)).toThrow(
      /must be a multiple of 8 pixels for this model, not/,
    );
    model.dispose();
  });

  it('reports its progress and frees everything', async () => {
    const before = tf.memory().numTensors;
    const runtime = createTestRuntime();
    const shares: number[] = [];
    const model = await plugin.load(published, { runtime, log: () => {} }, (share) => shares.push(share));
    expect(shares).toHaveLength(runtime.calls.weights.length);
    expect(shares.every((share, i) => i === 0 || share > shares[i - 1]!)).toBe(true);
    expect(shares.at(-1)).toBe(1);
    // Half precision is handed on as it is stored.
    expect(new Set(runtime.calls.weights.map(({ storedAs }) => storedAs))).toEqual(new Set(['F32', 'F16']));
    const { context } = await model.encode(['a cat']);
    context.dispose();
    model.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('encodes each prompt once, and equal prompts equally', async () => {
    const runtime = createTestRuntime();
    const model = await loadStableDiffusion(published, { runtime });
    const { context } = await model.encode(['a cat', '', 'a cat', 'a dog']);
    expect(runtime.calls.runs.get('text encoder')).toBe(3);
    const rows = context.arraySync();
    expect(rows[2]).toEqual(rows[0]);
    expect(rows[3]).not.toEqual(rows[0]);
    await expect(model.encode([])).rejects.toThrow(/no prompt/);
    context.dispose();
    model.dispose();
  });
});

describe('the plugin', () => {
  it('recognises folders of the family by their index, and explains what others are', async () => {
    expect(await plugin.recognises(published)).toBe(true);
    expect(await plugin.explains?.(published)).toBeNull();
    const { dir } = parse(published);
    const unet = join(published, 'unet/diffusion_pytorch_model.safetensors');
    for (const path of [dir, join(published, 'model_index.json'), unet, join(published, 'nowhere')]) {
      expect(await plugin.recognises(path), path).toBe(false);
    }
    expect(await plugin.explains?.(dir)).toBeNull();
    expect((await plugin.explains?.(unet))?.message).toMatch(/diffusers' UNet without the other parts/);
    const other = copyPipeline();
    for (const name of ['FluxPipeline', 'StableDiffusionInpaintPipeline']) {
      editJson(join(other, 'model_index.json'), { _class_name: name });
      expect(await plugin.recognises(other)).toBe(false);
      expect((await plugin.explains?.(other))?.message).toContain(`holds a ${name}, but only`);
    }
    writeFileSync(join(other, 'model_index.json'), '{');
    expect(await plugin.recognises(other)).toBe(false);
    expect(await plugin.explains?.(other)).toBeNull();
  });

  it('takes the configuration of a folder for a single file, and for nothing else', async () => {
    const path = join(temporaryFolder(), 'model.safetensors');
    writeSingleFile(fixturePath('tiny/pipeline'), path);
    const load = (place: string, config: string) =>
      plugin.load(
        place,
        { runtime: createTestRuntime(), log: () => {} },
        undefined,
        stableDiffusionOptions.parse({ config }),
      );
    const model = await load(path, fixturePath('tiny/pipeline'));
    expect(model.description).toMatch(/^Stable Diffusion, predicts noise/);
    model.dispose();
    await expect(load(path, fixturePath('small/pipeline'))).rejects.toThrow(
      /does not fit the configuration in \S+small\/pipeline/,
    );
    await expect(load(path, fixturePath('xl/pipeline'))).rejects.toThrow(
      /built like Stable Diffusion 1\.x, but the configuration in \S+xl\/pipeline is for a model of two text encoders/,
    );
    await expect(load(published, published)).rejects.toThrow(
      /is a folder, which says so itself: leave it out/,
    );
    await expect(load(path, 'nowhere')).rejects.toThrow(/There is no folder nowhere/);
  });

  it('checks its options', async () => {
    const { validate } = plugin.options['~standard'];
    expect(await validate({})).toEqual({
      value: { vaeTiles: 'auto', checkpointing: 'off', imitatedGuidance: 8.5 },
    });
    expect(await validate({ vaeTiles: 512 })).toMatchObject({ value: { vaeTiles: 512 } });
    for (const wrong of [{ size: 3 }, { vaeTiles: 8 }, { vaeTiles: 'on' }, { imitatedGuidance: 0 }]) {
      expect(await validate(wrong)).toHaveProperty('issues');
    }
  });
});

describe('what cannot be loaded is refused in one sentence', () => {
  const at = (path: string) => (folder: string) => join(folder, path);
  const weights = at('unet/diffusion_pytorch_model.safetensors');
  const edit = (path: string, changes: Readonly<Record<string, unknown>>) => (folder: string) =>
    editJson(join(folder, path), changes);
  const index = (changes: Readonly<Record<string, unknown>>) => edit('model_index.json', changes);

  const cases: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
    [
      'a second text encoder that is missing',
      index({ _class_name: 'StableDiffusionXLPipeline' }),
      /text_encoder_2 is null, but only CLIPTextModelWithProjection/,
    ],
    [
      'a unet that needs a second text encoder',
      edit('unet/config.json', {
        addition_embed_type: 'text_time',
        addition_time_embed_dim: 8,
        projection_class_embeddings_input_dim: 60,
      }),
      /unet that needs a second text encoder/,
    ],
    [
      'inpainting',
      index({ _class_name: 'StableDiffusionInpaintPipeline' }),
      /holds a StableDiffusionInpaintPipeline/,
    ],
    [
      'inpainting channels',
      edit('unet/config.json', { in_channels: 9 }),
      /unet with 9 input channels, for inpainting/,
    ],
    ['other channels', edit('unet/config.json', { in_channels: 5 }), /unet from 5 to 4 channels/],
    [
      'another text encoder',
      index({ text_encoder: ['transformers', 'T5EncoderModel'] }),
      /text_encoder is "T5EncoderModel"/,
    ],
    ['no vae', index({ vae: [null, null] }), /vae is null/],
    ['an index without a class', index({ _class_name: undefined }), /names no pipeline/],
    [
      'no index',
      (folder) => rmSync(join(folder, 'model_index.json')),
      /holds no model_index\.json and is no checkpoint/,
    ],
    [
      'a config that is missing',
      (folder) => rmSync(join(folder, 'vae/config.json')),
      /There is no file .*vae\/config\.json/,
    ],
    [
      'a config that is broken',
      (folder) => writeFileSync(join(folder, 'unet/config.json'), '{'),
      /config\.json is not valid JSON/,
    ],
    [
      'no scheduler',
      (folder) => rmSync(join(folder, 'scheduler'), { recursive: true }),
      /scheduler_config\.json/,
    ],
    [
      'no tokenizer',
      (folder) => rmSync(join(folder, 'tokenizer'), { recursive: true }),
      /holds no CLIP tokenizer/,
    ],
    ['no weights', (folder) => rmSync(weights(folder)), /unet folder, .*, holds no diffusion_pytorch_model/],
    ['weights cut short', (folder) => truncateSync(weights(folder), 50_000), /not a valid safetensors file/],
    [
      'other widths',
      edit('unet/config.json', { block_out_channels: [4, 16] }),
      /does not fit the unet's config\.json: .*another shape/,
    ],
    [
      'more layers',
      edit('text_encoder/config.json', { num_hidden_layers: 3 }),
      /text encoder's config\.json: 16 weights are missing/,
    ],
    [
      'fewer layers',
      edit('text_encoder/config.json', { num_hidden_layers: 1 }),
      /text encoder's config\.json: 16 are unknown/,
    ],
    [
      'other text states',
      edit('unet/config.json', { cross_attention_dim: 12 }),
      /text states of width 12, .* have 8/,
    ],
    [
      'a small vocabulary',
      edit('text_encoder/config.json', { vocab_size: 600 }),
      /tokenizer of 610 tokens, .* only 600/,
    ],
    [
      'an unknown schedule',
      edit('scheduler/scheduler_config.json', { beta_schedule: 'sigmoid' }),
      /"beta_schedule": "sigmoid"/,
    ],
  ];

  it.each(cases)('%s', async (_, breakIt, message) => {
    const folder = copyPipeline();
    breakIt(folder);
    const before = tf.memory().numTensors;
    const failure = await load(folder).then(
      () => null,
      (cause: unknown) => cause,
    );
    expect(DraftError.is(failure)).toBe(true);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).toMatch(/\.$/);
    expect((failure as Error).message).not.toContain('\n');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('a path that is nothing, a file, or an empty folder', async () => {
    const folder = temporaryFolder();
    await expect(load(join(folder, 'nothing'))).rejects.toThrow(
      /There is no folder .*nothing: a folder in diffusers layout/,
    );
    writeFileSync(join(folder, 'v1-5.safetensors'), readFileSync(weights(published)));
    await expect(load(join(folder, 'v1-5.safetensors'))).rejects.toThrow(
      /is diffusers' UNet without the other parts/,
    );
    await expect(load(folder)).rejects.toThrow(/holds no model_index\.json/);
  });
});
