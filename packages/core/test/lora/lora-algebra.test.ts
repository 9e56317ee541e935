import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRandomSource,
  type LoraModule,
  loraDifference,
  mergeableLayers,
  mergeLora,
  mixLoras,
  readSafetensors,
  resizeModule,
  writeSafetensors,
} from '@draft/core';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'draft-lora-algebra-'));
afterAll(() => rmSync(folder, { recursive: true }));

const layer = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q';
const make = (seed: number, change: Partial<LoraModule> = {}): LoraModule => {
  const base = { rank: 3, inFeatures: 8, outFeatures: 6, kernel: null, scale: 1, ...change };
  const random = createRandomSource(seed);
  const area = base.kernel ? base.kernel[0] * base.kernel[1] : 1;
  return {
    component: 'unet',
    layer,
    down: Float32Array.from(random.normal(base.rank * base.inFeatures * area)),
    up: Float32Array.from(random.normal(base.rank * base.outFeatures)),
    ...base,
  };
};

/** `scale · B A` in full, row-major. */
const update = ({ rank, outFeatures, down, up, scale }: LoraModule): Float64Array => {
  const width = down.length / rank;
  return Float64Array.from({ length: outFeatures * width }, (_, index) => {
    const [i, j] = [Math.floor(index / width), index % width];
    let sum = 0;
    for (let k = 0; k < rank; k += 1) sum += up[i * rank + k]! * down[k * width + j]!;
    return scale * sum;
  });
};
const distance = (one: Float64Array, other: Float64Array) =>
  Math.sqrt(one.reduce((sum, value, i) => sum + (value - other[i]!) ** 2, 0));

/** A module whose update has these singular values: the vectors are unit vectors, turned by reflections. */
const withSingularValues = (
  values: readonly number[],
  inFeatures: number,
  outFeatures: number,
): LoraModule => {
  const reflected = (size: number, k: number) => {
    const unit = (j: number) => (j === k ? 1 : 0);
    return Float64Array.from({ length: size }, (_, j) => unit(j) - 2 / size); // I − 2 u uᵀ, u = 1/√n
  };
  const rank = values.length;
  const down = new Float32Array(rank * inFeatures);
  const up = new Float32Array(outFeatures * rank);
  values.forEach((value, k) => {
    reflected(inFeatures, k).forEach((entry, j) => {
      down[k * inFeatures + j] = entry;
    });
    reflected(outFeatures, k).forEach((entry, i) => {
      up[i * rank + k] = value * entry;
    });
  });
  return make(0, { rank, inFeatures, outFeatures, down, up });
};

describe('mixLoras', () => {
  it('adds the updates at their strengths, with the ranks added up', () => {
    const [one, other] = [make(1, { scale: 0.5 }), make(2, { rank: 2 })];
    const alone = make(3, { layer: 'mid_block.attentions.0.proj_in' });
    const [mixed, kept] = mixLoras([
      { modules: [one, alone], strength: 2 },
      { modules: [other], strength: -0.25 },
    ]);
    expect(mixed!.rank).toBe(5);
    const [a, b] = [update(one), update(other)];
    const sum = a.map((value, i) => 2 * value - 0.25 * b[i]!);
    expect(distance(update(mixed!), sum)).toBeLessThan(1e-6); // float32 factors
    expect(kept).toEqual({ ...alone, scale: 2 });
  });

  it('refuses layers of different shapes', () => {
    const shares = [make(1), make(2, { inFeatures: 9 })].map((module) => ({
      modules: [module],
      strength: 1,
    }));
    expect(() => mixLoras(shares)).toThrow(
      `layer unet.${layer} maps 8 to 6 features in one, and 9 to 6 in another.`,
    );
  });
});

describe('resizeModule', () => {
  it.each<[string, Partial<LoraModule>]>([
    ['a matrix', {}],
    ['more rank than features', { rank: 12 }],
    ['a tall one', { inFeatures: 3, outFeatures: 20 }],
    ['a convolution', { kernel: [3, 3], scale: 0.3 }],
  ])('changes nothing where the rank suffices: %s', (_, change) => {
    const module = make(4, change);
    const { module: same, kept } = resizeModule(module, { rank: 100 });
    expect(same.rank).toBeLessThanOrEqual(Math.min(module.rank, module.outFeatures));
    expect(same.kernel).toEqual(module.kernel);
    expect(distance(update(same), update(module))).toBeLessThan(1e-5); // float32 factors of size 10
    expect(kept).toBeCloseTo(1, 12);
  });

  it('keeps the largest singular values, and says which share of the squared norm that is', () => {
    const module = withSingularValues([1, 5, 3, 0.5], 8, 6);
    for (const [rank, rest] of [
      [1, [3, 1, 0.5]],
      [2, [1, 0.5]],
      [3, [0.5]],
    ] as const) {
      const { module: small, kept } = resizeModule(module, { rank });
      expect(small.rank).toBe(rank);
      const lost = rest.reduce((sum, value) => sum + value ** 2, 0);
      expect(distance(update(small), update(module))).toBeCloseTo(Math.sqrt(lost), 5);
      expect(kept).toBeCloseTo(1 - lost / 35.25, 6);
    }
  });

  it('takes no more rank than the share needs, and none for nothing', () => {
    const module = withSingularValues([1, 5, 3, 0.5], 8, 6);
    expect(resizeModule(module, { rank: 4, keep: 0.7 }).module.rank).toBe(1);
    expect(resizeModule(module, { rank: 4, keep: 0.97 }).module.rank).toBe(3);
    expect(resizeModule(module, { rank: 2, keep: 0.99 }).module.rank).toBe(2);
    const doubled = mixLoras([1, 1].map((strength) => ({ modules: [module], strength })))[0]!;
    expect(doubled.rank).toBe(8);
    const { module: same } = resizeModule(doubled, { rank: 8 });
    expect(same.rank).toBe(4);
    expect(loraDifference(same, doubled)).toBeLessThan(1e-6);
    const nothing = resizeModule({ ...module, up: new Float32Array(24) }, { rank: 3 });
    expect(nothing).toMatchObject({ kept: 1, module: { rank: 1 } });
    expect(update(nothing.module).every((value) => value === 0)).toBe(true);
  });

  it('refuses a rank or a share that makes no sense', () => {
    expect(() => resizeModule(make(1), { rank: 0 })).toThrow('must be an integer of at least 1, not 0.');
    expect(() => resizeModule(make(1), { rank: 2, keep: 1.5 })).toThrow('above 0 and at most 1, not 1.5.');
  });
});

describe('mergeLora', () => {
  const numbers = Float32Array.from(createRandomSource(9).normal(48));
  const write = (name: string, dtype: 'F32' | 'F16' | 'BF16', shape = [6, 8]) => {
    const path = join(folder, `${name}.safetensors`);
    writeSafetensors(
      path,
      {
        [`${layer}.weight`]: { shape, data: numbers, dtype },
        other: { shape: [2], dtype: 'I64', data: new Uint8Array(16).fill(7) },
      },
      { format: 'pt' },
    );
    return path;
  };
  const target = join(folder, 'merged.safetensors');

  // One rounding of a sum of about 5 to 24, 11 and 8 bits.
  it.each([
    ['F32', 1e-6],
    ['F16', 4e-3],
    ['BF16', 3e-2],
  ] as const)('adds the update to weights of %s, and leaves the rest alone', (dtype, tolerance) => {
    const module = make(5, { scale: 0.5 });
    const source = write('source', dtype);
    mergeLora(source, target, [module, make(6, { layer: 'in.another.file' })]);
    const { tensors, metadata } = readSafetensors(target);
    expect(metadata).toEqual({ format: 'pt' });
    const before = readSafetensors(source).tensors;
    expect(tensors.get('other')).toEqual(before.get('other'));
    const sum = update(module).map((value, i) => value + before.get(`${layer}.weight`)!.data[i]!);
    const { data, dtype: stored } = tensors.get(`${layer}.weight`)!;
    expect(stored).toBe(dtype);
    expect(Math.max(...data.map((value, i) => Math.abs(value - sum[i]!)))).toBeLessThan(tolerance);
    expect([...mergeableLayers(source, [module])]).toEqual([`unet.${layer}`]);
  });

  it('adds to kernels, and to text encoders without the prefix of their model', () => {
    const source = write('kernel', 'F32', [6, 2, 2, 2]);
    const module = make(7, { inFeatures: 2, kernel: [2, 2] });
    mergeLora(source, target, [module]);
    const { shape, data } = readSafetensors(target).tensors.get(`${layer}.weight`)!;
    expect(shape).toEqual([6, 2, 2, 2]);
    expect(data[5]).toBeCloseTo(numbers[5]! + update(module)[5]!, 5);
    const text = { ...make(8), component: 'text_encoder' as const, layer: `text_model.${layer}` };
    expect([...mergeableLayers(write('text', 'F32'), [text])]).toEqual([`text_encoder.text_model.${layer}`]);
  });

  it('adds to the text encoders of a single file, in the third of a weight that is a layer’s', () => {
    const source = join(folder, 'single.safetensors');
    const block = 'conditioner.embedders.1.model.transformer.resblocks.3';
    const first = 'conditioner.embedders.0.transformer.text_model.encoder.layers.3.mlp.fc1.weight';
    const zeros = (rows: number) => ({ shape: [rows, 8], data: new Float32Array(8 * rows) });
    writeSafetensors(source, {
      [`${block}.attn.in_proj_weight`]: zeros(18),
      [`${block}.mlp.c_fc.weight`]: zeros(6),
      [first]: zeros(6),
    });
    const text = (seed: number, component: LoraModule['component'], part: string): LoraModule => ({
      ...make(seed),
      component,
      layer: `text_model.encoder.layers.3.${part}`,
    });
    const modules = [
      text(1, 'text_encoder_2', 'self_attn.v_proj'),
      text(2, 'text_encoder_2', 'self_attn.q_proj'),
      text(3, 'text_encoder_2', 'mlp.fc1'),
      text(4, 'text_encoder', 'mlp.fc1'),
    ];
    expect(mergeableLayers(source, modules).size).toBe(4);
    mergeLora(source, target, modules);
    const { tensors } = readSafetensors(target);
    const [value, query, inner, own] = modules.map((module) => [...update(module)].map(Math.fround));
    const fused = [...tensors.get(`${block}.attn.in_proj_weight`)!.data];
    const close = (actual: readonly number[], expected: readonly number[]) =>
      expect(Math.max(...actual.map((x, i) => Math.abs(x - expected[i]!)))).toBeLessThan(1e-6);
    close(fused.slice(0, 48), query!);
    expect(fused.slice(48, 96).every((x) => x === 0)).toBe(true);
    close(fused.slice(96), value!);
    close([...tensors.get(`${block}.mlp.c_fc.weight`)!.data], inner!);
    close([...tensors.get(first)!.data], own!);
    const wide = { ...modules[0]!, outFeatures: 18, up: new Float32Array(18 * modules[0]!.rank) };
    expect(() => mergeableLayers(source, [wide])).toThrow('the weight there is [18, 8]');
  });

  it('refuses what does not fit, and leaves nothing behind', () => {
    const source = write('refused', 'F16');
    const before = readdirSync(folder);
    const merge = (change: Partial<LoraModule>) => () =>
      mergeLora(source, join(folder, 'not'), [make(1, change)]);
    expect(merge({ inFeatures: 9 })).toThrow('maps 9 to 6 features, the weight there is [6, 8]');
    expect(merge({ scale: 1e6 })).toThrow(`the sum is too large for F16 at ${layer}.weight`);
    expect(merge({ layer: 'other', outFeatures: 2, inFeatures: 1 })).not.toThrow(); // no `other.weight` in it
    rmSync(join(folder, 'not'));
    expect(readdirSync(folder)).toEqual(before);
  });
});
