import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type LoraModule,
  loraDifference,
  moduleKey,
  readLoraFile,
  readSafetensors,
  writeLoraFile,
} from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneSentence, runDraftHere } from './draft-process.js';

const fixtures = fileURLToPath(new URL('../../models-stable-diffusion/test/fixtures/tiny', import.meta.url));
const pipeline = join(fixtures, 'pipeline');
const lora = join(fixtures, 'lora/pytorch_lora_weights.safetensors');

let folder = '';
const at = (name: string) => join(folder, name);
const draft = (...args: string[]) => runDraftHere(folder, ['lora', ...args]);

const byKey = (path: string) =>
  new Map(readLoraFile(path).modules.map((module) => [moduleKey(module), module] as const));

/** The largest relative difference of two files' updates. */
const apart = (one: string, other: string): number => {
  const [first, second] = [byKey(one), byKey(other)];
  expect([...first.keys()].sort()).toEqual([...second.keys()].sort());
  return Math.max(...[...first].map(([key, module]) => loraDifference(module, second.get(key)!)));
};

const text: LoraModule = {
  component: 'text_encoder',
  layer: 'text_model.encoder.layers.0.self_attn.q_proj',
  ...{ rank: 1, inFeatures: 2, outFeatures: 2, kernel: null, scale: 1 },
  down: Float32Array.of(1, 2),
  up: Float32Array.of(3, 4),
};

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'draft-lora-command-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fails = async (message: RegExp | string, ...args: string[]) => {
  const before = readdirSync(folder).sort();
  const { status, stderr } = await draft(...args);
  expect(stderr).toMatch(oneSentence);
  expect(stderr).toMatch(message);
  expect(status).toBe(1);
  expect(readdirSync(folder).sort()).toEqual(before);
};

describe('draft lora convert and inspect', () => {
  it('write kohya’s names and say what is in the file', async () => {
    const { status, stdout } = await draft('convert', lora, 'kohya.safetensors', '--architecture', 'sd1');
    expect(stdout).toBe('kohya.safetensors: 40 layers of rank 4, read again and compared\n');
    expect(status).toBe(0);
    expect(apart(at('kohya.safetensors'), lora)).toBeLessThan(1e-7);
    const shown = await draft('inspect', 'kohya.safetensors');
    expect(shown.stdout).toContain('format        the format of kohya’s scripts, A1111 and ComfyUI');
    expect(shown.stdout).toContain('architecture  Stable Diffusion 1.x');
    expect(shown.stdout).toContain('40 of the UNet (16 self-attention, 16 cross-attention, 8 feed-forward)');
    expect(shown.stdout).toMatch(/rank {10}4\n {2}alpha {9}4 \(scale 1\)\n {2}numbers {7}\d,\d{3}, F32\n/);
    const json = JSON.parse((await draft('inspect', 'kohya.safetensors', '--json')).stdout);
    expect(json).toMatchObject({ format: 'kohya', architecture: 'sd_v1' });
    expect(json.layers).toHaveLength(40);
    expect(json.layers[0]).toMatchObject({ component: 'unet', rank: 4, alpha: 4, dtype: 'F32' });
  });

  it('go back to PEFT’s names, in half precision where that is asked for', async () => {
    await draft('convert', lora, 'there.safetensors', '--architecture', 'sd1');
    await draft('convert', 'there.safetensors', 'back.safetensors', '--dtype', 'float16');
    const { tensors, metadata } = readSafetensors(at('back.safetensors'));
    expect([...tensors.keys()].every((name) => /^unet\..*lora_[AB]\.weight$/.test(name))).toBe(true);
    expect([...tensors.values()].every(({ dtype }) => dtype === 'F16')).toBe(true);
    expect(metadata).toEqual({ format: 'pt', 'modelspec.architecture': 'stable-diffusion-v1/lora' });
    expect(apart(at('back.safetensors'), lora)).toBeLessThan(2e-3); // 11 bits
  });

  it('keep what a file says about its training, and leave text encoders out on request', async () => {
    const modules = [...byKey(lora).values(), text];
    writeLoraFile(at('text.safetensors'), modules, { metadata: { ss_tag_frequency: '{"fox": 3}' } });
    await draft('convert', 'text.safetensors', 'text.kohya.safetensors', '--architecture', 'sd1');
    expect(byKey(at('text.kohya.safetensors')).size).toBe(41);
    expect(readSafetensors(at('text.kohya.safetensors')).metadata.ss_tag_frequency).toBe('{"fox": 3}');
    await draft('convert', 'text.safetensors', 'unet.safetensors', '--to', 'peft', '--unet-only');
    expect(apart(at('unet.safetensors'), lora)).toBeLessThan(1e-7);
    writeLoraFile(at('only-text.safetensors'), [text]);
    await fails(
      'nothing would be left of it',
      'convert',
      'only-text.safetensors',
      'x',
      '--unet-only',
      '--to',
      'peft',
    );
  });

  it('refuse in one sentence what they cannot do', async () => {
    writeFileSync(at('broken.safetensors'), 'no such thing');
    await fails('does not tell which architecture it is for', 'convert', lora, 'x.safetensors');
    await fails('--architecture is one of sd1, sd2, sdxl', 'convert', lora, 'x', '--architecture', 'flux');
    await fails('--to is one of peft, kohya (given: "a1111")', 'convert', lora, 'x', '--to', 'a1111');
    await fails('--dtype is one of', 'convert', lora, 'x', '--to', 'peft', '--dtype', 'int8');
    await fails('There is no file missing.safetensors.', 'convert', 'missing.safetensors', 'x');
    await fails('is not a valid safetensors file', 'inspect', 'broken.safetensors');
    await fails('is there already: choose another name, or replace it with --force', 'convert', lora, lora);
    await fails(
      'none of its tensors is part of a LoRA',
      'inspect',
      join(pipeline, 'vae/diffusion_pytorch_model.safetensors'),
    );
    await fails('its folder does not exist', 'convert', lora, 'no/folder/x.safetensors', '--to', 'peft');
    await fails(/unknown command 'lose'/i, 'lose', lora);
    await fails(/missing required argument/i, 'inspect');
  });
});

describe('draft lora mix and resize', () => {
  it('add LoRAs up at their scales', async () => {
    const { stdout } = await draft('mix', `${lora}:0.75`, `${lora}:-0.25`, '--output', 'mixed.safetensors');
    expect(stdout).toBe('mixed.safetensors: 40 layers of rank 8, read again and compared\n');
    await draft('mix', `${lora}:0.5`, '--output', 'half.safetensors');
    // Rounding of factors against terms half as large again as their sum.
    expect(apart(at('mixed.safetensors'), at('half.safetensors'))).toBeLessThan(1e-6);
    const small = await draft(
      'mix',
      `${lora}:0.75`,
      `${lora}:-0.25`,
      '--output',
      'small.safetensors',
      '--rank',
      '4',
    );
    expect(small.stdout).toMatch(
      /40 layers of rank \d( to 4)?, 100\.00 % of each update's squared norm kept/,
    );
    expect(apart(at('small.safetensors'), at('half.safetensors'))).toBeLessThan(1e-5); // factors in float32
  });

  it('make a LoRA smaller and say what that loses', async () => {
    const { stdout } = await draft('resize', lora, 'two.safetensors', '--rank', '2');
    expect(stdout).toMatch(
      /two\.safetensors: 40 layers of rank 2, (\d\d\.\d) % of each update's squared norm kept on average, \d\d\.\d % in the layer that lost most/,
    );
    expect([...byKey(at('two.safetensors')).values()].every(({ rank }) => rank === 2)).toBe(true);
    await draft(
      'resize',
      lora,
      'kept.safetensors',
      '--rank',
      '4',
      '--keep',
      '0.8',
      '--to',
      'kohya',
      '--architecture',
      'sd1',
    );
    const ranks = [...byKey(at('kept.safetensors')).values()].map(({ rank }) => rank);
    expect(Math.max(...ranks)).toBeLessThan(4);
    expect(readSafetensors(at('kept.safetensors')).metadata.ss_network_dim).toBe('Dynamic');
  });

  it('refuse in one sentence what they cannot do', async () => {
    await fails('give a --rank from 1 to 4, not 16', 'resize', lora, 'x', '--rank', '16');
    await fails('an integer of at least 1, not 1.5', 'resize', lora, 'x', '--rank', '1.5');
    await fails('--rank takes a number (given: "many")', 'resize', lora, 'x', '--rank', 'many');
    await fails('above 0 and at most 1, not 2', 'resize', lora, 'x', '--rank', '2', '--keep', '2');
    await fails('must be a number (given: "much")', 'mix', `${lora}:much`, '--output', 'x');
    await fails(/required option '--output/i, 'mix', lora);
    const wide = { ...byKey(lora).values().next().value!, ...text, component: 'unet' as const };
    const layer = [...byKey(lora).values()][0]!.layer;
    writeLoraFile(at('wide.safetensors'), [{ ...wide, layer }]);
    await fails('different architectures cannot be mixed', 'mix', lora, 'wide.safetensors', '--output', 'x');
  });
});

describe('draft lora merge', () => {
  const weights = 'unet/diffusion_pytorch_model.safetensors';

  it('makes a checkpoint that draws what the LoRA makes the model draw', async () => {
    const { status, stdout } = await draft('merge', `${lora}:0.5`, '--into', pipeline, '--output', 'merged');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n').at(-1)).toBe(`merged: ${pipeline} with 40 layers changed`);
    expect(readdirSync(at('merged')).sort()).toEqual(readdirSync(pipeline).sort());
    const [before, after] = [join(pipeline, weights), at(`merged/${weights}`)].map((path) =>
      readSafetensors(path),
    );
    const changed = [...after!.tensors].filter(([name, { data }]) =>
      data.some((value, i) => value !== before!.tensors.get(name)!.data[i]),
    );
    expect(changed).toHaveLength(40);
    const quick = ['--steps', '2', '--guidance', '1', '--prompts', 'a fox', '--save-tensors', '--seed', '3'];
    for (const args of [
      ['--model', 'merged', '--output', 'one'],
      ['--model', pipeline, '--lora', `${lora}:0.5`, '--output', 'other'],
      ['--model', pipeline, '--output', 'plain'],
    ]) {
      expect((await runDraftHere(folder, ['generate', ...quick, ...args])).stderr).toBe('');
    }
    const latents = (name: string) =>
      readSafetensors(at(`${name}/tensors.safetensors`)).tensors.get('latents')!.data;
    const [one, other, plain] = [latents('one'), latents('other'), latents('plain')];
    const distance = (a: Float32Array, b: Float32Array) =>
      Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
    expect(distance(one, other)).toBeLessThan(1e-4); // rounding of float32 in another order
    expect(distance(one, plain)).toBeGreaterThan(1e-2);
  }, 240_000);

  it('leaves out what would be stale, and takes every variant along', async () => {
    const model = at('variants');
    for (const name of ['unet', 'text_encoder']) mkdirSync(join(model, name), { recursive: true });
    writeFileSync(join(model, 'model_index.json'), '{}');
    const bytes = readFileSync(join(pipeline, weights));
    for (const name of ['diffusion_pytorch_model.safetensors', 'diffusion_pytorch_model.fp16.safetensors']) {
      writeFileSync(join(model, 'unet', name), bytes);
    }
    writeFileSync(join(model, 'unet/diffusion_pytorch_model.bin'), 'old');
    writeFileSync(join(model, 'text_encoder/pytorch_model.bin'), 'kept');
    const { stdout } = await draft('merge', lora, '--into', 'variants', '--output', 'variants-merged');
    expect(stdout).toContain(
      'with 40 layers changed; left out, as they would not have the LoRA: unet/diffusion_pytorch_model.bin',
    );
    expect(existsSync(at('variants-merged/text_encoder/pytorch_model.bin'))).toBe(true);
    const [plain, half] = ['', '.fp16'].map((variant) =>
      readFileSync(at(`variants-merged/unet/diffusion_pytorch_model${variant}.safetensors`)),
    );
    expect(plain!.equals(half!)).toBe(true);
    expect(plain!.equals(bytes)).toBe(false);
    rmSync(join(model, 'unet/diffusion_pytorch_model.safetensors'));
    rmSync(join(model, 'unet/diffusion_pytorch_model.fp16.safetensors'));
    await fails('its unet has no .safetensors weights', 'merge', lora, '--into', 'variants', '--output', 'x');
  });

  it('refuses in one sentence what it cannot do', async () => {
    writeLoraFile(at('encoder.safetensors'), [{ ...text, layer: 'text_model.encoder.layers.90.mlp.fc1' }]);
    const merge = (file: string, into: string, output: string) => [
      'merge',
      file,
      '--into',
      into,
      '--output',
      output,
    ];
    await fails(
      'its weights have no layer text_encoder.text_model.encoder.layers.90',
      ...merge('encoder.safetensors', pipeline, 'x'),
    );
    await fails('it is for another architecture; its layer', ...merge(lora, 'miniature', 'x'));
    await fails('is there already: choose another --output', ...merge(lora, pipeline, '.'));
    await fails('There is no model folder ./nothing', ...merge(lora, './nothing', 'x'));
    await fails('is no checkpoint folder in diffusers layout', ...merge(lora, join(pipeline, 'unet'), 'x'));
    await fails('lies inside', ...merge(lora, pipeline, join(pipeline, 'x')));
  });
});
