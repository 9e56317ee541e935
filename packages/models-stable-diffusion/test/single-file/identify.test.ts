import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DraftError, tf, writeSafetensors } from '@draft/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import plugin from '../../src/index.js';
import { identifyCheckpoint } from '../../src/single-file/identify-checkpoint.js';
import { fixturePath, temporaryFolder } from '../support/checkpoint-folder.js';
import { createTestRuntime } from '../support/eager-runtime.js';
import { singleFileTensors, writeSingleFile } from '../support/write-single-file.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

type Shapes = Readonly<Record<string, readonly number[]>>;
const entriesOf = (shapes: Shapes) =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }] as const));

const unet = (context: number, channels = 4): Shapes => ({
  'model.diffusion_model.input_blocks.0.0.weight': [320, channels, 3, 3],
  'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight': [320, context],
});
const vae: Shapes = { 'first_stage_model.encoder.conv_in.weight': [128, 3, 3, 3] };
const text1: Shapes = {
  'cond_stage_model.transformer.text_model.embeddings.token_embedding.weight': [49408, 768],
};
const textXl: Shapes = {
  'conditioner.embedders.0.transformer.text_model.final_layer_norm.bias': [768],
  'conditioner.embedders.1.model.ln_final.bias': [1280],
};

describe('a single file', () => {
  it('of Stable Diffusion 1.x and of SDXL is recognised by its tensors', () => {
    const identify = (...shapes: Shapes[]) =>
      identifyCheckpoint(entriesOf(Object.assign({}, ...shapes)), 'f');
    expect(identify(unet(768), vae, text1)).toEqual({
      architecture: 'sd_v1',
      textPrefix: 'cond_stage_model.transformer.',
      vaePrefix: 'first_stage_model.',
      velocity: false,
    });
    expect(identify(unet(2048), vae, textXl)).toMatchObject({
      architecture: 'sdxl_base_v1-0',
      velocity: false,
    });
    expect(identify(unet(2048), vae, textXl, { v_pred: [] })).toMatchObject({ velocity: true });
  });

  it.each<readonly [string, Shapes, RegExp]>([
    ['an inpainting model', { ...unet(768, 9), ...vae, ...text1 }, /is an inpainting model/],
    ['an editing model', { ...unet(768, 8), ...vae, ...text1 }, /edits pictures \(InstructPix2Pix\)/],
    ['an upscaler', { ...unet(1024, 7), ...vae }, /an upscaler/],
    [
      'Stable Diffusion 2.x',
      { ...unet(1024), ...vae },
      /is Stable Diffusion 2\.x, .* folder in diffusers layout/,
    ],
    [
      'the refiner',
      { ...unet(1280), ...vae, 'conditioner.embedders.0.model.ln_final.bias': [1280] },
      /SDXL's refiner/,
    ],
    ['a model without a VAE', { ...unet(768), ...text1 }, /a UNet with no VAE: give a file that holds/],
    ['a UNet alone', unet(768), /a UNet with no VAE and no text encoder/],
    ['a model of zero terminal SNR', { ...unet(2048), ...vae, ...textXl, ztsnr: [] }, /zero terminal SNR/],
    ['a VAE alone', vae, /is a VAE alone/],
    ['a VAE of diffusers', { 'decoder.up_blocks.0.resnets.0.conv1.weight': [4] }, /is a VAE alone/],
    [
      "diffusers' UNet",
      { 'down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight': [320, 768] },
      /diffusers' UNet without the other parts/,
    ],
    [
      'a LoRA of kohya',
      { 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight': [4, 8] },
      /is a LoRA: give it with --lora/,
    ],
    ['a LoRA of PEFT', { 'unet.mid_block.attentions.0.proj_in.lora_A.weight': [4, 8] }, /is a LoRA/],
    ['a LoHa', { 'lora_unet_mid_block_attentions_0_proj_in.hada_w1_a': [4, 8] }, /is a LoRA/],
    ['a ControlNet', { 'control_model.input_hint_block.0.weight': [1] }, /a ControlNet/],
    ['Flux', { 'model.diffusion_model.double_blocks.0.img_attn.qkv.weight': [1] }, /Flux/],
    [
      'Stable Diffusion 3',
      { 'model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight': [1] },
      /is Stable Diffusion 3;/,
    ],
    ['a textual inversion', { emb_params: [4, 768] }, /a textual inversion/],
    ['a text encoder', { 'text_model.final_layer_norm.bias': [768] }, /a text encoder alone/],
    ['a CLIP model', { 'visual.conv1.weight': [1] }, /a CLIP model/],
    [
      'anything else',
      { 'fc.weight': [1], 'fc.bias': [1] },
      /is no checkpoint of Stable Diffusion: it holds 2 tensors/,
    ],
    ['nothing', {}, /holds 0 tensors/],
  ])('that is %s is refused with what it is', (_, shapes, message) => {
    const identify = () => identifyCheckpoint(entriesOf(shapes), 'some.safetensors');
    expect(identify).toThrow(DraftError);
    expect(identify).toThrow(message);
    expect(identify).toThrow(/^some\.safetensors is .*\.$/);
  });

  it('is the plugin’s where it can be loaded; what any other is, the plugin explains', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'lora.safetensors');
    writeSafetensors(path, { 'a.lora_down.weight': { shape: [1], data: Float32Array.of(1) } });
    const model = join(folder, 'model.safetensors');
    writeSingleFile(fixturePath('tiny/pipeline'), model);
    writeFileSync(join(folder, 'broken.safetensors'), 'no header');
    writeFileSync(join(folder, 'notes.txt'), 'no weights');
    const [recognised, explained] = [[], []] as [boolean[], (string | undefined)[]];
    for (const name of ['lora', 'model', 'broken', 'other']) {
      recognised.push(await plugin.recognises(join(folder, `${name}.safetensors`)));
      explained.push((await plugin.explains?.(join(folder, `${name}.safetensors`)))?.message);
    }
    expect(recognised).toEqual([false, true, false, false]);
    expect(explained).toEqual([
      expect.stringContaining('is a LoRA'),
      undefined,
      expect.stringContaining('is not a valid safetensors file'),
      undefined,
    ]);
    expect(await plugin.explains?.(join(folder, 'notes.txt'))).toBeNull();
    const load = plugin.load(path, { runtime: createTestRuntime(), log: () => {} });
    await expect(load).rejects.toThrow(/is a LoRA/);
  });
});

describe('the tensors of a single file, mutated,', () => {
  it('are identified or refused in one sentence', () => {
    const stored = [...singleFileTensors(fixturePath('xl/pipeline'))];
    const names = stored.map(([name]) => name);
    const piece = fc.oneof(
      fc.constantFrom(...names),
      fc.tuple(fc.constantFrom(...names), fc.nat(60)).map(([name, cut]) => name.slice(cut)),
      fc.string(),
    );
    const entry = fc.tuple(piece, fc.array(fc.nat(3000), { maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (list) => {
        const entries = new Map(list.map(([name, shape]) => [name, { shape }] as const));
        try {
          const { architecture } = identifyCheckpoint(entries, 'f.safetensors');
          expect(['sd_v1', 'sdxl_base_v1-0']).toContain(architecture);
        } catch (error) {
          if (!DraftError.is(error)) throw error;
          expect(error.message).toMatch(/^f\.safetensors is .*\.$/s);
        }
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
