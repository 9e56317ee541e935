import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createCheckpointWeights,
  createRuntime,
  type DraftError,
  openWeightFolder,
  planWeights,
  type Runtime,
  type SafetensorsType,
  type TensorSource,
  tf,
  type Weights,
} from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Stored = readonly [dtype: SafetensorsType, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>];

/** A source in memory. */
function memorySource(
  tensors: Readonly<Record<string, Stored>>,
): TensorSource & { readonly reads: string[] } {
  const reads: string[] = [];
  const entries = Object.entries(tensors).map(
    ([name, [dtype, shape, bytes]]) => [name, { dtype, shape, byteLength: bytes.length }] as const,
  );
  return {
    path: 'memory',
    reads,
    entries: new Map(entries),
    read(name) {
      reads.push(name);
      return tensors[name]![2].slice();
    },
    close: () => {},
  };
}

const float32 = (values: readonly number[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Float32Array.from(values).buffer);
const halves = (values: readonly number[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Uint16Array.from(values).buffer);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ backend: 'cpu' });
});

describe('weights of a checkpoint', () => {
  it('come in the layout that is asked for, whatever the stored type', () => {
    const stored = [3, 2, 2, 1] as const; // [out, in, height, width]
    const float16 = [
      0x0000, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700, 0x4800, 0x4880, 0x4900, 0x4980,
    ];
    const bfloat16 = [
      0x0000, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0, 0x40e0, 0x4100, 0x4110, 0x4120, 0x4130,
    ];
    const source = memorySource({
      full: ['F32', stored, float32(range(12))],
      half: ['F16', stored, halves(float16)],
      brain: ['BF16', stored, halves(bfloat16)],
      point: ['F32', [2, 3, 1, 1], float32(range(6))],
      flat: ['F32', [2, 3], float32(range(6))],
      bias: ['F32', [3], float32([7, 8, 9])],
    });
    const weights = createCheckpointWeights(source, runtime);
    const expected = tf.transpose(tf.tensor4d(range(12), [...stored]), [2, 3, 1, 0]).arraySync();
    for (const name of ['full', 'half', 'brain']) {
      expect(weights.get(name, [2, 1, 2, 3], 'convolution').arraySync(), name).toEqual(expected);
    }
    for (const name of ['point', 'flat']) {
      expect(weights.get(name, [2, 3], 'pointwise').arraySync(), name).toEqual([
        [0, 1, 2],
        [3, 4, 5],
      ]);
    }
    expect(weights.get('flat', [2, 3], 'linear').arraySync()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(weights.get('bias', [3], 'vector').arraySync()).toEqual([7, 8, 9]);
  });

  it('are read once, when they are asked for, and freed together', () => {
    const source = memorySource({ a: ['F32', [2], float32([1, 2])], b: ['F32', [1], float32([3])] });
    const before = tf.memory().numTensors;
    const weights = createCheckpointWeights(source, runtime);
    expect(source.reads).toEqual([]);
    const first = weights.get('a', [2], 'vector');
    expect(weights.get('a', [2], 'vector')).toBe(first);
    weights.get('b', [1], 'vector');
    expect(source.reads).toEqual(['a', 'b']);
    expect(tf.memory().numTensors).toBe(before + 2);
    weights.dispose();
    weights.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that are missing or of another shape are refused by name', () => {
    const weights = createCheckpointWeights(
      memorySource({ a: ['F32', [2, 3], float32(range(6))], n: ['I64', [1], new Uint8Array(8)] }),
      runtime,
    );
    expect(() => weights.get('b', [1], 'vector')).toThrow(/no weight called b/);
    expect(() => weights.get('a', [3, 2], 'linear')).toThrow(/stores a as F32 \[2, 3\].*\[3, 2\] is needed/);
    expect(() => weights.get('n', [1], 'vector')).toThrow(/I64/);
  });
});

describe('comparing a checkpoint with its network', () => {
  const build = (weights: Weights) => {
    weights.get('a.weight', [2, 3], 'linear');
    weights.get('a.bias', [2], 'vector');
    weights.get('conv.weight', [3, 3, 4, 5], 'convolution');
    weights.get('norm.weight', [4], 'vector');
  };
  const one = new Uint8Array(4);
  const good: Readonly<Record<string, Stored>> = {
    'a.weight': ['F32', [2, 3], one],
    'a.bias': ['F16', [2], one],
    'conv.weight': ['BF16', [5, 4, 3, 3], one],
    'norm.weight': ['F32', [4], one],
  };

  it('lists what will be read, and overlooks what no network needs', () => {
    const source = memorySource({ ...good, 'x.embeddings.position_ids': ['I64', [1, 77], one] });
    const before = tf.memory().numTensors;
    expect(planWeights(source, 'unet', build).map(({ name }) => name)).toEqual(Object.keys(good));
    expect(tf.memory().numTensors).toBe(before);
    expect(source.reads).toEqual([]);
  });

  it('says in one sentence all that does not fit', () => {
    const { 'a.bias': _, ...rest } = good;
    const source = memorySource({
      ...rest,
      'a.weight': ['F32', [2, 4], one],
      'norm.weight': ['F64', [4], one],
      'extra.weight': ['F32', [1], one],
    });
    expect(() => planWeights(source, 'unet', build)).toThrow(
      "memory does not fit the unet's config.json: 1 weights are missing (a.bias); " +
        '1 have another shape (a.weight is [2, 4], not [2, 3]); ' +
        '1 are not F32, F16 or BF16 (norm.weight is F64); 1 are unknown (extra.weight).',
    );
  });

  it('shortens long lists, and has them whole in its details', () => {
    const expected = range(9).map((index) => `w${index}`);
    const source = memorySource({ w8: ['F32', [2], one], ...good });
    let error: unknown;
    try {
      planWeights(source, 'vae', (weights) => {
        for (const name of expected) weights.get(name, [1], 'vector');
      });
    } catch (cause) {
      error = cause;
    }
    expect(error).toMatchObject({
      code: 'DRAFT_MODEL_MISMATCH',
      message:
        "memory does not fit the vae's config.json: 8 weights are missing (w0, w1, w2, w3 and 4 more); 1 have another " +
        'shape (w8 is [2], not [1]); 4 are unknown (a.weight, a.bias, conv.weight, norm.weight); with DRAFT_DEBUG=1, ' +
        'draft lists them all.',
    });
    expect((error as DraftError).details).toEqual({
      missing: expected.slice(0, 8),
      misshapen: ['w8 is [2], not [1]'],
      unknown: Object.keys(good),
    });
  });
});

describe('the files of a component', () => {
  const state = fileURLToPath(new URL('../fixtures/torch-files/', import.meta.url));
  const root = mkdtempSync(join(tmpdir(), 'draft-weights-'));
  afterAll(() => rmSync(root, { recursive: true }));
  let folders = 0;
  const folderWith = (files: Readonly<Record<string, string>>): string => {
    folders += 1;
    const folder = join(root, `unet-${folders}`);
    mkdirSync(folder);
    for (const [name, fixture] of Object.entries(files))
      copyFileSync(join(state, fixture), join(folder, name));
    return folder;
  };
  const indexOf = (folder: string, name: string, weight_map: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify({ weight_map }));

  it.each([
    ['diffusion_pytorch_model', 'diffusion_pytorch_model.safetensors', 'state.safetensors'],
    ['diffusion_pytorch_model', 'diffusion_pytorch_model.fp16.safetensors', 'state.safetensors'],
    ['diffusion_pytorch_model', 'diffusion_pytorch_model.bf16.safetensors', 'state.safetensors'],
    ['diffusion_pytorch_model', 'diffusion_pytorch_model.bin', 'zip.pth'],
    ['model', 'pytorch_model.bin', 'legacy.pth'],
    ['model', 'pytorch_model.fp16.bin', 'zip.pth'],
    ['model', 'pytorch_model.bf16.bin', 'zip.pth'],
  ])('of stem %s may be %s alone', (stem, name, fixture) => {
    const source = openWeightFolder(folderWith({ [name]: fixture }), stem);
    expect(source.entries.get('plain')?.shape).toEqual([6, 4]);
    source.close();
  });

  it('are safetensors where there is a choice', () => {
    const folder = folderWith({ 'pytorch_model.bin': 'zip.pth', 'model.safetensors': 'state.safetensors' });
    const source = openWeightFolder(folder, 'model');
    expect(source.path).toBe(join(folder, 'model.safetensors'));
    source.close();
  });

  it.each([
    'model.safetensors.index.json',
    'model.safetensors.index.fp16.json',
    'model.fp16.safetensors.index.json',
    'model.safetensors.index.bf16.json',
    'pytorch_model.bin.index.json',
    'pytorch_model.bin.index.fp16.json',
    'pytorch_model.fp16.bin.index.json',
    'pytorch_model.bin.index.bf16.json',
  ])('may be several behind %s', (index) => {
    const folder = folderWith({ '1.bin': 'float8.pt', '2.bin': 'module.bin' });
    indexOf(folder, index, { x: '1.bin', '0.bias': '2.bin', '0.weight': '2.bin' });
    const source = openWeightFolder(folder, 'model');
    expect(source.path).toBe(join(folder, index));
    expect([...source.entries].slice(0, 3).map(([name, { dtype }]) => [name, dtype])).toEqual([
      ['x', 'F8_E5M2'],
      ['0.bias', 'F32'],
      ['0.weight', 'F32'],
    ]);
    source.close();
  });

  it('are looked for under the names of diffusers, too', () => {
    const folder = folderWith({ '1.bin': 'float8.pt' });
    indexOf(folder, 'diffusion_pytorch_model.bin.index.fp16.json', { x: '1.bin' });
    const source = openWeightFolder(folder, 'diffusion_pytorch_model');
    expect([...source.entries.keys()]).toEqual(['x']);
    source.close();
  });

  it('have all that stands in the files, so that what the index does not list is noticed', () => {
    const folder = folderWith({ '1.bin': 'float8.pt', '2.bin': 'module.bin' });
    const index = 'pytorch_model.bin.index.json';
    indexOf(folder, index, { x: '1.bin', '0.bias': '2.bin' });
    const source = openWeightFolder(folder, 'model');
    expect([...source.entries.keys()].slice(2)).toEqual([
      '0.weight',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ]);
    expect(source.read('1.running_var')).toEqual(new Uint8Array(new Float32Array([1, 1, 1]).buffer));
    expect(() => planWeights(source, 'unet', (weights) => weights.get('0.bias', [3], 'vector'))).toThrow(
      /6 are unknown \(x, 0\.weight, 1\.weight, 1\.bias and 2 more\)/,
    );
    source.close();
  });

  it('that hold a tensor twice are told apart by the index, or refused', () => {
    const folder = folderWith({ '1.bin': 'zip.pth', '2.bin': 'module.bin', '3.bin': 'module.bin' });
    const index = (map: Readonly<Record<string, string>>) => {
      indexOf(folder, 'model.safetensors.index.json', map);
      return () => openWeightFolder(folder, 'model').close();
    };
    const names = ['0.weight', '0.bias', '1.weight', '1.bias', '1.running_mean', '1.running_var'];
    const all = [...names, '1.num_batches_tracked'].map((name, i) => [name, i % 2 ? '2.bin' : '3.bin']);
    expect(index({ plain: '1.bin', ...Object.fromEntries(all) })).not.toThrow();
    expect(index({ plain: '1.bin', '0.weight': '2.bin', '1.weight': '3.bin' })).toThrow(
      /index\.json does not say which 0\.bias is meant, that of 2\.bin or that of 3\.bin; download/,
    );
  });

  it('are missed by name, with a word about what else is there', () => {
    expect(() => openWeightFolder(folderWith({}), 'model')).toThrow(
      /The checkpoint's unet-\d+ folder.*holds no model\.safetensors; download it whole/,
    );
    expect(() => openWeightFolder(folderWith({ 'x.pth': 'zip.pth' }), 'model')).toThrow(/only x\.pth/);
  });
});
