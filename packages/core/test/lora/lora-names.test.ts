import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdaptableLayer,
  type Adapters,
  createLora,
  createRandomSource,
  disposeAdapters,
  type LoraFile,
  type LoraModule,
  loraDifference,
  moduleKey,
  readLora,
  readLoraFile,
  readSafetensors,
  selectLoraLayers,
  tf,
  writeLora,
  writeLoraFile,
  writeSafetensors,
} from '@draft/core';
import { afterAll, describe, expect, it } from 'vitest';
import { weightPlaces } from '../../src/lora/weight-places.js';

const folder = mkdtempSync(join(tmpdir(), 'draft-lora-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) => join(import.meta.dirname, '../fixtures/lora', name);

type Family = 'sd_v1' | 'sdxl_base_v1-0';
type Published = Record<Family, Record<string, readonly [original: string, shape: string]>>;

const published = JSON.parse(readFileSync(fixture('kohya-keys.json'), 'utf8')) as Published;

/** The layers that an UNet of ours would offer: linear maps and 1×1 convolutions of its transformers. */
const layersOf = (family: Family): AdaptableLayer[] =>
  Object.entries(published[family]).flatMap(([name, [, shape]]) => {
    if (!/\.attentions\./.test(name)) return [];
    const [outFeatures = 0, inFeatures = 0, ...kernel] = shape.split('x').map(Number);
    return [{ name, inFeatures, outFeatures, convolution: kernel.length > 0 }];
  });

/** The names under which ComfyUI finds a layer: diffusers' and the original one, with underscores for dots. */
const comfyNames = (family: Family): ReadonlySet<string> => {
  const flat = (name: string) => `lora_unet_${name.replaceAll('.', '_')}`;
  return new Set(
    Object.entries(published[family]).flatMap(([name, [original]]) => [flat(name), flat(original)]),
  );
};

/** A LoRA of rank 1 with different numbers in each layer. */
const loraFor = (layers: readonly AdaptableLayer[], alpha = 1): Adapters =>
  createLora(layers, { rank: 1, alpha, random: createRandomSource(1) });

const byLayer = ({ modules }: LoraFile): ReadonlyMap<string, LoraModule> =>
  new Map(modules.map((module) => [moduleKey(module), module]));

describe('the counts of layers', () => {
  it.each<[Family, number, number]>([
    ['sd_v1', 128, 192],
    ['sdxl_base_v1-0', 560, 722],
  ])('of %s are %i with attention alone and %i in kohya’s full set', (family, attention, full) => {
    expect(selectLoraLayers(layersOf(family), ['attention'])).toHaveLength(attention);
    expect(selectLoraLayers(layersOf(family), ['all-linear'])).toHaveLength(full);
  });
});

describe.each<Family>(['sd_v1', 'sdxl_base_v1-0'])('kohya’s names for %s', (family) => {
  const layers = layersOf(family);
  const path = join(folder, `${family}.safetensors`);

  it('are all keys that ComfyUI finds, and are read back as the same layers', async () => {
    const lora = loraFor(layers, 0.5);
    await writeLora(path, { adapters: lora, layers, architecture: family, format: 'kohya' });
    const { tensors, metadata } = readSafetensors(path);
    expect(tensors.size).toBe(3 * layers.length);
    const known = comfyNames(family);
    const names = [...tensors.keys()].map((key) => key.replace(/\.(lora_(down|up)\.weight|alpha)$/, ''));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(new Set(names).size).toBe(layers.length);
    const sgm = names.filter((name) => /_(in|out)put_blocks_|middle_block/.test(name));
    expect(sgm).toHaveLength(family === 'sd_v1' ? 0 : names.length);
    expect(tensors.get(`${names[0]}.alpha`)!.shape).toEqual([]);
    expect(tensors.get(`${names[0]}.alpha`)!.data[0]).toBe(0.5);
    expect(metadata).toEqual({
      format: 'pt',
      ss_base_model_version: family,
      ss_network_module: 'networks.lora',
      ss_network_dim: '1',
      ss_network_alpha: '0.5',
      ss_network_args: '{}',
      ss_v2: 'False',
      'modelspec.sai_model_spec': '1.0.0',
      'modelspec.architecture':
        family === 'sd_v1' ? 'stable-diffusion-v1/lora' : 'stable-diffusion-xl-v1-base/lora',
    });
    const read = readLora(path, layers);
    expect([...read.keys()].sort()).toEqual(layers.map(({ name }) => name).sort());
    expect([...read.values()].every(([adapter]) => adapter!.scale === 0.5)).toBe(true);
    const { name } = layers.at(-1)!;
    expect([...read.get(name)![0]!.down.dataSync()]).toEqual([...lora.get(name)![0]!.down.dataSync()]);
    for (const adapters of [lora, read]) disposeAdapters(adapters);
    expect(readLoraFile(path)).toMatchObject({ format: 'kohya', family });
  }, 120_000);

  it.each([0, 1])('are understood with either naming of the blocks (%i), convolutions too', (naming) => {
    const shapes = Object.entries(published[family]);
    const tensors = new Map(
      shapes.flatMap(([name, [original, shape]]) => {
        const [out = 0, width = 0, ...kernel] = shape.split('x').map(Number);
        const flat = `lora_unet_${(naming === 0 ? name : original).replaceAll('.', '_')}`;
        const down = [1, width, ...kernel];
        const up = [out, 1, ...kernel.map(() => 1)];
        const zeros = (dimensions: readonly number[]) => ({
          shape: dimensions,
          data: new Float32Array(dimensions.reduce((a, b) => a * b, 1)),
        });
        return [
          [`${flat}.lora_down.weight`, zeros(down)],
          [`${flat}.lora_up.weight`, zeros(up)],
        ] as const;
      }),
    );
    writeSafetensors(path, tensors);
    const file = readLoraFile(path);
    expect(file.family).toBe(family);
    const read = new Map(file.modules.map((module) => [module.layer, module]));
    expect([...read.keys()].sort()).toEqual(shapes.map(([name]) => name).sort());
    for (const [name, [, shape]] of shapes) {
      const { outFeatures, inFeatures, kernel, scale } = read.get(name)!;
      expect([outFeatures, inFeatures, ...(kernel ?? [])].join('x')).toBe(shape);
      expect(scale).toBe(1); // no alpha: as trained
    }
  });
});

it.each<Family>(['sd_v1', 'sdxl_base_v1-0'])('every layer of %s has its place in a single file', (family) => {
  for (const [layer, [original]] of Object.entries(published[family])) {
    const module = { component: 'unet', layer } as LoraModule;
    const names = weightPlaces(module).map(({ name }) => name);
    expect(names).toContain(`${layer}.weight`);
    expect(names, layer).toContain(`model.diffusion_model.${original}.weight`);
  }
});

describe.each<[Family, Family, string]>([
  ['sd_v1', 'sdxl_base_v1-0', 'Stable Diffusion 1.x'],
  ['sdxl_base_v1-0', 'sd_v1', 'Stable Diffusion XL'],
])('a LoRA for %s, given to %s,', (family, other, name) => {
  it.each([
    ['peft', 'attention'],
    ['kohya', 'attention'],
    ['peft', 'self-attention'],
    ['kohya', 'feed-forward'],
  ] as const)('is refused with what it is for: %s, %s', async (format, targets) => {
    const path = join(folder, `${family}-${format}-${targets}.safetensors`);
    const layers = layersOf(family);
    const adapters = loraFor(selectLoraLayers(layers, [targets]));
    await writeLora(path, { adapters, layers, architecture: family, format });
    disposeAdapters(adapters);
    const before = tf.memory().numTensors;
    expect(() => readLora(path, layersOf(other))).toThrow(`is a LoRA for ${name}, not for this model: `);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a LoRA under every naming', () => {
  const peft = byLayer(readLoraFile(fixture('peft.safetensors')));

  // Written by diffusers' own conversion or checked with its loader, see tools/fixtures/lora_names.py.
  it.each([
    ['processors', 'diffusers-0.21', 32],
    ['scripts', 'diffusers-scripts', 40],
    ['kohya', 'kohya', 40],
    ['kohya-alpha', 'kohya', 40],
  ])('is the same from %s', (name, format, count) => {
    const file = readLoraFile(fixture(`${name}.safetensors`));
    expect(file.format).toBe(format);
    expect(file.modules).toHaveLength(count);
    for (const module of file.modules) {
      const same = peft.get(moduleKey(module));
      expect(same, moduleKey(module)).toBeDefined();
      expect(loraDifference(module, same!)).toBeLessThan(1e-7); // alpha is a power of two here
    }
  });

  it('has text encoders, under the names of each format', () => {
    const layer = 'text_model.encoder.layers.3.self_attn.out_proj';
    const factors = (down: string, up: string) => ({
      [down]: { shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) },
      [up]: { shape: [4, 1], data: Float32Array.of(1, 2, 3, 4) },
    });
    const path = join(folder, 'text.safetensors');
    const flat = layer.replaceAll('.', '_');
    for (const [component, down, up] of [
      ['text_encoder', `lora_te_${flat}.lora_down.weight`, `lora_te_${flat}.lora_up.weight`],
      ['text_encoder', `lora_te1_${flat}.lora_down.weight`, `lora_te1_${flat}.lora_up.weight`],
      ['text_encoder_2', `lora_te2_${flat}.lora_down.weight`, `lora_te2_${flat}.lora_up.weight`],
      ['text_encoder', `text_encoder.${layer}.lora_A.weight`, `text_encoder.${layer}.lora_B.weight`],
      ['text_encoder_2', `text_encoder_2.${layer}.lora_A.weight`, `text_encoder_2.${layer}.lora_B.weight`],
      [
        'text_encoder',
        `text_encoder.${layer}.lora_linear_layer.down.weight`,
        `text_encoder.${layer}.lora_linear_layer.up.weight`,
      ],
      [
        'text_encoder',
        `text_encoder.${layer.replace('out_proj', 'to_out_lora')}.down.weight`,
        `text_encoder.${layer.replace('out_proj', 'to_out_lora')}.up.weight`,
      ],
    ] as const) {
      writeSafetensors(path, factors(down, up));
      expect(readLoraFile(path).modules, down).toMatchObject([{ component, layer }]);
    }
  });
});

describe('text encoders', () => {
  it.each<[Family, readonly string[]]>([
    ['sd_v1', ['lora_te']],
    ['sdxl_base_v1-0', ['lora_te1', 'lora_te2']],
  ])('of %s get the keys under which ComfyUI finds them', (family, prefixes) => {
    const parts = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.out_proj'];
    const layers = [0, 11].flatMap((index) =>
      [...parts, 'mlp.fc1', 'mlp.fc2'].map((part) => `text_model.encoder.layers.${index}.${part}`),
    );
    const components = ['text_encoder', 'text_encoder_2'] as const;
    const modules = prefixes.flatMap((_, index) =>
      layers.map(
        (layer): LoraModule => ({
          component: components[index]!,
          layer,
          ...{ rank: 1, inFeatures: 2, outFeatures: 2, kernel: null, scale: 1 },
          down: Float32Array.of(1, 2),
          up: Float32Array.of(3, 4),
        }),
      ),
    );
    const path = join(folder, 'encoders.safetensors');
    writeLoraFile(path, modules, { format: 'kohya', family });
    const names = new Set([...readSafetensors(path).tensors.keys()].map((key) => key.split('.')[0]));
    const expected = prefixes.flatMap((prefix) =>
      layers.map((layer) => `${prefix}_${layer.replaceAll('.', '_')}`),
    );
    expect([...names].sort()).toEqual(expected.sort());
    expect(readLoraFile(path).modules.map(moduleKey).sort()).toEqual(modules.map(moduleKey).sort());
  });
});

describe('writeLoraFile', () => {
  const random = createRandomSource(2);
  const module: LoraModule = {
    component: 'unet',
    layer: 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q',
    ...{ rank: 2, inFeatures: 6, outFeatures: 5, kernel: null, scale: 1 },
    down: Float32Array.from(random.normal(12)),
    up: Float32Array.from(random.normal(10)),
  };
  const path = join(folder, 'written.safetensors');

  it('keeps alpha where it can, and folds a negative scale into the weights', () => {
    for (const [scale, alpha] of [
      [3, 6],
      [-3, 2],
    ] as const) {
      const written = { ...module, scale };
      writeLoraFile(path, [written], { format: 'kohya', family: 'sd_v1' });
      const { tensors } = readSafetensors(path);
      expect([...tensors].find(([name]) => name.endsWith('.alpha'))![1].data[0]).toBe(alpha);
      expect(loraDifference(readLoraFile(path).modules[0]!, written)).toBeLessThan(1e-7);
    }
  });

  it('writes every format of numbers to its precision', () => {
    for (const dtype of ['F32', 'F16', 'BF16'] as const) {
      writeLoraFile(path, [module], { dtype });
      expect(readLoraFile(path).modules[0]!.dtype).toBe(dtype);
    }
  });

  it('finds in its self-test that numbers do not fit the format', () => {
    const large = { ...module, up: module.up.map((value) => value * 1e7) };
    expect(() => writeLoraFile(path, [large], { dtype: 'F16' })).toThrow(
      /does not hold the LoRA that was meant: it cannot be read again; bf16 holds larger/,
    );
    const small = { ...module, up: module.up.map((value) => value * 1e-8) };
    expect(() => writeLoraFile(path, [small], { dtype: 'F16' })).toThrow(/differs by \S+ of its size; bf16/);
  });

  it.each<[string, Partial<LoraModule>, object]>([
    ['the weights of unet.mid_block', { up: module.up.map(() => Number.NaN) }, {}],
    ['the sizes that are said of them', { rank: 3 }, {}],
    ['which nothing tells', {}, { format: 'kohya' }],
    ['kohya’s format has no name for', { layer: 'mid_block.x' }, { format: 'kohya', family: 'sd_v1' }],
  ])('refuses what cannot be stored: %s', (message, change, options) => {
    expect(() => writeLoraFile(path, [{ ...module, ...change }], options)).toThrow(message);
    expect(() => writeLoraFile(path, [], options)).toThrow('without layers changes nothing');
  });
});

describe('loraDifference', () => {
  const random = createRandomSource(3);
  const module: LoraModule = {
    component: 'unet',
    layer: 'conv_in',
    ...{ rank: 4, inFeatures: 20, outFeatures: 30, kernel: null, scale: 0.5 },
    down: Float32Array.from(random.normal(80)),
    up: Float32Array.from(random.normal(120)),
  };

  it('is the relative distance of the updates, whatever the factors are', () => {
    expect(loraDifference(module, module)).toBeLessThan(1e-15); // summed in float64
    const other = { ...module, scale: 1, up: module.up.map((value) => value / 2) };
    expect(loraDifference(module, other)).toBeLessThan(1e-15);
    const changed = { ...module, scale: 0.5 * 1.01 };
    // Two probes estimate a norm to some tens of percent; the terms are larger than their sum.
    expect(loraDifference(module, changed)).toBeGreaterThan(1e-3);
    expect(loraDifference(module, changed)).toBeLessThan(2e-2);
    const swapped = { ...module, down: module.down.toReversed() };
    expect(loraDifference(module, swapped)).toBeGreaterThan(0.1);
    expect(loraDifference(module, { ...module, scale: Number.NaN })).toBe(Number.POSITIVE_INFINITY);
    expect(loraDifference(module, { ...module, outFeatures: 15, rank: 8 })).toBe(Number.POSITIVE_INFINITY);
  });

  it('tells no difference where both are nothing', () => {
    const nothing = { ...module, up: new Float32Array(120) };
    expect(loraDifference(nothing, { ...nothing, down: module.down.toReversed() })).toBe(0);
  });
});

it('no tensor is left', () => {
  expect(tf.memory().numTensors).toBe(0);
});
