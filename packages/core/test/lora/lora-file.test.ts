import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdaptableLayer,
  type Adapters,
  combineAdapters,
  createLora,
  createRandomSource,
  DraftError,
  disposeAdapters,
  readLora,
  readSafetensors,
  scaleAdapters,
  selectLoraLayers,
  type TensorToStore,
  tf,
  writeLora,
  writeSafetensors,
} from '@draft/core';
import { afterAll, describe, expect, it } from 'vitest';
import { stableDiffusionLayers } from './stable-diffusion-layers.js';

const folder = mkdtempSync(join(tmpdir(), 'draft-lora-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, `${name}.safetensors`);

const layers = stableDiffusionLayers();
const block = 'down_blocks.0.attentions.0.transformer_blocks.0';

/** A LoRA that changes something: both factors random. */
const randomLora = (targets: readonly string[], rank = 2, seed = 1, alpha = rank): Adapters => {
  const lora = createLora(selectLoraLayers(layers, targets), {
    rank,
    alpha,
    random: createRandomSource(seed),
  });
  return new Map(
    [...lora].map(([name, [adapter]]) => {
      const { down, up, scale } = adapter!;
      const noise = createRandomSource(seed, name).normal(up.size);
      up.dispose();
      return [name, [{ down, up: tf.tensor(noise, up.shape), scale }]];
    }),
  );
};

/** `Σ scale · B A` of one layer. */
const update = (adapters: Adapters, name: string): Float32Array =>
  tf.tidy(
    () =>
      tf
        .addN(
          adapters
            .get(name)!
            .map(({ down, up, scale }) => tf.mul(tf.matMul(up as never, down as never), scale)),
        )
        .dataSync() as Float32Array,
  );

const expectSameUpdates = (actual: Adapters, expected: Adapters) => {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const name of expected.keys()) {
    const numbers = update(expected, name);
    const worst = Math.max(...update(actual, name).map((value, index) => Math.abs(value - numbers[index]!)));
    expect(worst, name).toBeLessThan(1e-6); // one rounding of the scale in float32
  }
};

const codeOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return DraftError.is(error)
      ? { code: error.code, message: error.message }
      : expect.unreachable(String(error));
  }
  return expect.unreachable('nothing was thrown');
};

const filled = (shape: readonly number[]): TensorToStore => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

describe('writeLora and readLora', () => {
  it('bring every update back, with the scale folded in', async () => {
    const lora = randomLora(['all-linear'], 3, 1, 6);
    await writeLora(file('folded'), { adapters: lora, layers });
    const read = readLora(file('folded'), layers);
    expect([...read.values()].every(([adapter]) => adapter!.scale === 1)).toBe(true);
    expectSameUpdates(read, lora);
    disposeAdapters(lora);
    disposeAdapters(read);
  });

  it('write PEFT’s names: matrices, and 1×1 kernels where the layer is a convolution', async () => {
    const lora = randomLora(['all-linear']);
    await writeLora(file('names'), { adapters: lora, layers, metadata: { title: 'test' } });
    const { tensors, metadata } = readSafetensors(file('names'));
    expect(tensors.size).toBe(2 * 192);
    expect([...tensors.keys()].every((name) => /^unet\..+\.lora_[AB]\.weight$/.test(name))).toBe(true);
    expect(tensors.get(`unet.${block}.attn2.to_k.lora_A.weight`)!.shape).toEqual([2, 6]);
    expect(tensors.get(`unet.${block}.attn2.to_k.lora_B.weight`)!.shape).toEqual([8, 2]);
    expect(tensors.get('unet.mid_block.attentions.0.proj_in.lora_A.weight')!.shape).toEqual([2, 8, 1, 1]);
    expect(tensors.get('unet.mid_block.attentions.0.proj_in.lora_B.weight')!.shape).toEqual([8, 2, 1, 1]);
    expect(metadata).toEqual({ format: 'pt', title: 'test' });
    disposeAdapters(lora);
  });

  it('fold several LoRAs at their strengths into one', async () => {
    const [first, second] = [randomLora(['cross-attention'], 2), randomLora(['attention'], 3, 2)];
    const both = combineAdapters(scaleAdapters(first, 0.5), second);
    await writeLora(file('both'), { adapters: both, layers });
    const read = readLora(file('both'), layers);
    expect(read.get(`${block}.attn2.to_q`)![0]!.down.shape).toEqual([5, 8]);
    expectSameUpdates(read, both);
    for (const lora of [both, read]) disposeAdapters(lora);
  });

  it('store half precision on request', async () => {
    const lora = randomLora(['mid_block.*']);
    await writeLora(file('half'), { adapters: lora, layers, dtype: 'F16' });
    expect([...readSafetensors(file('half')).tensors.values()].every(({ dtype }) => dtype === 'F16')).toBe(
      true,
    );
    const read = readLora(file('half'), layers);
    const [name] = [...lora.keys()];
    const [numbers, half] = [update(lora, name!), update(read, name!)];
    expect(half.every((value, index) => Math.abs(value - numbers[index]!) < 5e-3)).toBe(true); // 11 bits
    for (const adapters of [lora, read]) disposeAdapters(adapters);
  });

  it('leave no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const lora = randomLora(['attention']);
    const made = tf.memory().numTensors - before;
    await writeLora(file('leak'), { adapters: lora, layers });
    expect(tf.memory().numTensors - before).toBe(made);
    disposeAdapters(lora);
    disposeAdapters(readLora(file('leak'), layers));
    expect(() => readLora(file('leak'), layers.slice(0, 40))).toThrow('another architecture');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuse to write a layer that the model lacks', async () => {
    const lora = randomLora(['attention']);
    const writing = writeLora(file('unknown'), { adapters: lora, layers: layers.slice(0, 20) });
    await expect(writing).rejects.toThrow('the model has no layer');
    disposeAdapters(lora);
  });
});

describe('readLora', () => {
  it('reads what PEFT and diffusers write', () => {
    const path = join(import.meta.dirname, '../fixtures/lora/peft.safetensors');
    const { tensors } = readSafetensors(path);
    const own = [...tensors].flatMap(([name, { shape }]): AdaptableLayer[] => {
      if (!name.endsWith('lora_A.weight')) return [];
      const layer = name.replace(/^unet\./, '').replace(/\.lora_A\.weight$/, '');
      const up = tensors.get(name.replace('lora_A', 'lora_B'))!;
      return [{ name: layer, inFeatures: shape[1]!, outFeatures: up.shape[0]!, convolution: false }];
    });
    const read = readLora(path, own);
    expect(read.size).toBe(tensors.size / 2);
    const [first] = own;
    expect([...read.get(first!.name)![0]!.down.dataSync()]).toEqual([
      ...tensors.get(`unet.${first!.name}.lora_A.weight`)!.data,
    ]);
    disposeAdapters(read);
  });

  it('takes alpha from diffusers’ metadata', () => {
    const name = `${block}.attn1.to_q`;
    const tensors = {
      [`unet.${name}.lora_A.weight`]: filled([2, 8]),
      [`unet.${name}.lora_B.weight`]: filled([8, 2]),
    };
    const scaleWith = (config: Record<string, unknown>) => {
      writeSafetensors(file('alpha'), tensors, { lora_adapter_metadata: JSON.stringify(config) });
      const read = readLora(file('alpha'), layers);
      disposeAdapters(read);
      return read.get(name)![0]!.scale;
    };
    expect(scaleWith({})).toBe(1);
    expect(scaleWith({ 'unet.r': 2, 'unet.lora_alpha': 8 })).toBe(4);
    expect(scaleWith({ 'unet.lora_alpha': 8, 'unet.use_rslora': true })).toBeCloseTo(8 / Math.sqrt(2), 12);
    expect(() => scaleWith({ 'unet.lora_alpha': 'big' })).toThrow('lora_alpha is "big", not a number');
    expect(scaleWith({ 'unet.lora_alpha': 8, 'unet.alpha_pattern': { 'attn1.to_q': 1 } })).toBe(0.5);
    expect(scaleWith({ 'unet.lora_alpha': 8, 'unet.alpha_pattern': { o_q: 1 } })).toBe(4);
    expect(() => scaleWith({ 'unet.alpha_pattern': { '.*to_q': 1 } })).toThrow('an alpha of their own');
  });

  it.each([
    ['LoHa', 'lora_unet_mid_block_attentions_0_proj_in.hada_w1_a', 'a LoHa of LyCORIS'],
    ['LoKr', 'lora_unet_mid_block_attentions_0_proj_in.lokr_w1', 'a LoKr of LyCORIS'],
    ['DoRA', `unet.${block}.attn1.to_q.lora_magnitude_vector`, 'a DoRA, which also holds magnitudes'],
    ['CP', 'lora_unet_mid_block_resnets_0_conv1.lora_mid.weight', 'a Tucker decomposition (lora_mid)'],
    ['diff', 'lora_unet_conv_in.diff', 'whole differences of weights'],
    ['biases', `unet.${block}.attn1.to_q.lora_B.bias`, 'a LoRA with biases'],
  ])('refuses %s by its name', (id, name, kind) => {
    writeSafetensors(file(id), { [name]: filled([2, 8]) });
    const { code, message } = codeOf(() => readLora(file(id), layers));
    expect(code).toBe('DRAFT_LORA_FORMAT');
    expect(message).toContain(`${id}.safetensors is `);
    expect(message).toContain(kind);
  });

  const name = `unet.${block}.attn1.to_q`;
  const sound = { [`${name}.lora_A.weight`]: filled([2, 8]), [`${name}.lora_B.weight`]: filled([8, 2]) };

  it.each<[string, string, string, Record<string, TensorToStore>]>([
    [
      'no LoRA',
      'DRAFT_LORA_INVALID',
      'none of its tensors is part of a LoRA',
      { 'conv_in.weight': filled([2]) },
    ],
    ['a half', 'DRAFT_LORA_INVALID', 'to_q has no lora_B', { [`${name}.lora_A.weight`]: filled([2, 8]) }],
    [
      'a text encoder',
      'DRAFT_LORA_INVALID',
      'it also adapts the text encoder',
      {
        ...sound,
        'text_encoder.q.lora_A.weight': filled([2, 8]),
        'text_encoder.q.lora_B.weight': filled([8, 2]),
      },
    ],
    [
      'an alpha',
      'DRAFT_LORA_INVALID',
      'it also holds more than a LoRA (unet.x.alpha)',
      { ...sound, 'unet.x.alpha': filled([]) },
    ],
    [
      'a kernel',
      'DRAFT_LORA_INVALID',
      'it also adapts the convolution down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q (a LoCon)',
      { ...sound, [`${name}.lora_A.weight`]: filled([2, 8, 3, 3]) },
    ],
    [
      'a kernel for B',
      'DRAFT_LORA_INVALID',
      'have the shapes [2, 8] and [8, 2, 3, 3], which are no pair of matrices',
      { ...sound, [`${name}.lora_B.weight`]: filled([8, 2, 3, 3]) },
    ],
    [
      'integers',
      'DRAFT_LORA_INVALID',
      'are stored as I32, not as fractions',
      { ...sound, [`${name}.lora_A.weight`]: { shape: [2, 8], dtype: 'I32', data: new Uint8Array(64) } },
    ],
    [
      'numbers that are none',
      'DRAFT_LORA_INVALID',
      'to_q holds numbers that are not finite (NaN or infinite)',
      { ...sound, [`${name}.lora_B.weight`]: { shape: [8, 2], data: new Float32Array(16).fill(Number.NaN) } },
    ],
    [
      'infinite numbers',
      'DRAFT_LORA_INVALID',
      'holds numbers that are not finite',
      { ...sound, [`${name}.lora_A.weight`]: { shape: [2, 8], data: new Float32Array(16).fill(Infinity) } },
    ],
    [
      'an alpha that is none',
      'DRAFT_LORA_INVALID',
      'the alpha of layer down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q is not one finite number',
      { ...sound, [`${name}.alpha`]: filled([2]) },
    ],
    [
      'two formats',
      'DRAFT_LORA_INVALID',
      'it mixes the format of kohya’s scripts, A1111 and ComfyUI with PEFT’s names, as diffusers writes them',
      { ...sound, 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight': filled([2, 8]) },
    ],
    [
      'one layer twice',
      'DRAFT_LORA_INVALID',
      'it holds the down weights of layer',
      { ...sound, [`base_model.model.${name.slice(5)}.lora_A.weight`]: filled([2, 8]) },
    ],
    [
      'an unknown layer in kohya’s names',
      'DRAFT_LORA_INVALID',
      'lora_unet_mid_block_attentions_0_proj_up.lora_down.weight is no layer of a Stable Diffusion',
      { 'lora_unet_mid_block_attentions_0_proj_up.lora_down.weight': filled([2, 8]) },
    ],
    [
      'a network of another kind',
      'DRAFT_LORA_MISMATCH',
      'is a LoRA for Flux, or a diffusion transformer of its kind, not for Stable Diffusion',
      { 'lora_unet_double_blocks_0_img_attn_proj.lora_down.weight': filled([2, 8]) },
    ],
    [
      'SDXL’s widths',
      'DRAFT_LORA_MISMATCH',
      'is a LoRA for Stable Diffusion XL, not for this model: it maps 2048 to 640 features',
      {
        [`unet.${block}.attn2.to_k.lora_A.weight`]: filled([2, 2048]),
        [`unet.${block}.attn2.to_k.lora_B.weight`]: filled([640, 2]),
      },
    ],
    [
      'a text encoder in kohya’s names',
      'DRAFT_LORA_INVALID',
      'it also adapts the text encoder (text_model.encoder.layers.3.mlp.fc1), which only merging can apply',
      {
        'lora_te_text_model_encoder_layers_3_mlp_fc1.lora_down.weight': filled([2, 8]),
        'lora_te_text_model_encoder_layers_3_mlp_fc1.lora_up.weight': filled([8, 2]),
      },
    ],
    [
      'a convolution',
      'DRAFT_LORA_INVALID',
      'it also adapts the convolution mid_block.resnets.0.conv1 (a LoCon), which only merging can apply',
      {
        'lora_unet_mid_block_resnets_0_conv1.lora_down.weight': filled([2, 8, 3, 3]),
        'lora_unet_mid_block_resnets_0_conv1.lora_up.weight': filled([8, 2, 1, 1]),
      },
    ],
    [
      'two ranks',
      'DRAFT_LORA_INVALID',
      'are no pair of matrices',
      { ...sound, [`${name}.lora_A.weight`]: filled([3, 8]) },
    ],
    [
      'another width',
      'DRAFT_LORA_MISMATCH',
      'a LoRA for another architecture: it maps 9 to 8 features',
      { ...sound, [`${name}.lora_A.weight`]: filled([2, 9]) },
    ],
    [
      'another layer',
      'DRAFT_LORA_MISMATCH',
      'a LoRA for another architecture: the model has no layer down_blocks.9.q',
      {
        'unet.down_blocks.9.q.lora_A.weight': filled([2, 8]),
        'unet.down_blocks.9.q.lora_B.weight': filled([8, 2]),
      },
    ],
  ])('refuses a file with %s in one sentence', (id, code, sentence, tensors) => {
    const path = file(id.replaceAll(/\W/g, '-'));
    writeSafetensors(path, tensors);
    const before = tf.memory().numTensors;
    const thrown = codeOf(() => readLora(path, layers));
    expect(thrown.code).toBe(code);
    expect(thrown.message).toContain(sentence);
    expect(thrown.message).toContain(path);
    expect(tf.memory().numTensors).toBe(before);
  });
});
