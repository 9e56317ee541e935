import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AdaptableLayer,
  DraftError,
  disposeAdapters,
  moduleKey,
  readLora,
  readLoraFile,
  readSafetensors,
  type StoredTensor,
  type TensorToStore,
  tf,
  writeSafetensors,
} from '@draft/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'draft-lora-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'fuzzed.safetensors');

const fixture = (name: string) => join(import.meta.dirname, '../fixtures/lora', `${name}.safetensors`);
const names = ['peft', 'scripts', 'processors', 'kohya', 'kohya-alpha'] as const;
const originals = names.map((name) => readFileSync(fixture(name)));

/** The model that the fixtures are for. */
const layers: readonly AdaptableLayer[] = readLoraFile(fixture('peft')).modules.map((module) => ({
  name: module.layer,
  inFeatures: module.inFeatures,
  outFeatures: module.outFeatures,
  convolution: false,
}));

/**
 * Reads the file as `draft generate` does. It is loaded rightly, that is, each tensor of it is in one adapter of the
 * right shape with finite numbers, or it is refused in one sentence that names it; nothing is left either way.
 * @returns Whether it was loaded.
 */
const loadedOrRefused = (): boolean => {
  const before = tf.memory().numTensors;
  let loaded = false;
  try {
    const adapters = readLora(path, layers);
    const { tensors } = readSafetensors(path);
    const factors = [...tensors].filter(([name]) => !name.endsWith('alpha'));
    expect(2 * adapters.size).toBe(factors.length);
    for (const [name, list] of adapters) {
      const layer = layers.find((known) => known.name === name)!;
      const [adapter, ...others] = list;
      expect(others).toEqual([]);
      const { down, up, scale } = adapter!;
      expect([up.shape[0], down.shape[1], up.shape[1]]).toEqual([
        layer.outFeatures,
        layer.inFeatures,
        down.shape[0],
      ]);
      expect(Number.isFinite(scale)).toBe(true);
      for (const tensor of [down, up]) expect(tensor.dataSync().every(Number.isFinite)).toBe(true);
    }
    disposeAdapters(adapters);
    loaded = true;
  } catch (error) {
    if (!DraftError.is(error)) throw error;
    expect(error.message).toContain(path);
    expect(error.message).toMatch(/^[^\n]+\.$/);
    expect(error.message.length).toBeLessThan(600);
  }
  expect(tf.memory().numTensors).toBe(before);
  return loaded;
};

const file = fc.integer({ min: 0, max: names.length - 1 });

describe('a LoRA file', () => {
  it.each(names)('is loaded as it is: %s', (name) => {
    writeFileSync(path, readFileSync(fixture(name)));
    expect(loadedOrRefused()).toBe(true);
  });

  it('whose bytes are changed is loaded rightly or refused', () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });
    let loaded = 0;
    fc.assert(
      // Most of the changes go into the header, which is where the structure is.
      fc.property(
        file,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (index, changes, head) => {
          const bytes = Buffer.from(originals[index]!);
          const end = head ? 8 + Number(bytes.readBigUInt64LE(0)) : bytes.length;
          for (const { at, byte } of changes) bytes[Math.floor(at * (end - 1))] = byte;
          writeFileSync(path, bytes);
          if (loadedOrRefused()) loaded += 1;
        },
      ),
      { numRuns: 400, seed: 1 },
    );
    expect(loaded).toBeGreaterThan(0);
    expect(loaded).toBeLessThan(400);
  });

  it('that is cut short or has something after its end is refused', () => {
    fc.assert(
      fc.property(file, fc.double({ min: 0, max: 1.2, noNaN: true }), (index, share) => {
        const bytes = originals[index]!;
        const length = Math.floor(share * bytes.length);
        fc.pre(length !== bytes.length);
        writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(bytes.length)]).subarray(0, length));
        expect(loadedOrRefused()).toBe(false);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('whose tensors are renamed, reshaped, retyped, dropped or doubled is loaded rightly or refused', () => {
    const parts = names.map((name) => [...readSafetensors(fixture(name)).tensors]);
    const all = parts.flat().map(([name]) => name);
    const odd = fc.oneof(
      fc.constantFrom(...all),
      fc.constantFrom(
        'two\nlines.lora_A.weight',
        'unet..lora_A.weight',
        '.lora_A.weight',
        'unet.__proto__.lora_A.weight',
        'lora_unet_.lora_down.weight',
        'lora_unet___proto__.alpha',
        'lora_te_text_model_encoder_layers_0_mlp_fc1.lora_up.weight',
        'lora_unet_input_blocks_999999999999_1_proj_in.lora_down.weight',
        'lora_unet_mid_block_resnets_0_conv1.lora_down.weight',
        'text_encoder.lora_linear_layer.down.weight',
        'transformer.blocks.0.lora_A.weight',
        'lora_unet_double_blocks_0_img_attn_proj.lora_down.weight',
        'x.hada_w1_a',
        'alpha',
        '.alpha',
      ),
      fc.string({ maxLength: 40 }).filter((name) => name !== '__metadata__'),
    );
    const shape = fc.array(fc.constantFrom<number>(0, 1, 2, 3, 4, 8, 16), { maxLength: 5 });
    const number = fc.constantFrom(0, 1, -1, 1e-40, 3e38, Number.NaN, Number.POSITIVE_INFINITY);
    const store = (stored: StoredTensor): TensorToStore => ({ shape: stored.shape, data: stored.data });
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant('rename' as const), to: odd }),
      fc.record({ kind: fc.constant('copy' as const), to: odd }),
      fc.record({ kind: fc.constant('drop' as const) }),
      fc.record({ kind: fc.constant('reshape' as const), shape }),
      fc.record({ kind: fc.constant('fill' as const), number }),
      fc.record({
        kind: fc.constant('type' as const),
        dtype: fc.constantFrom('I32' as const, 'U32' as const, 'F16' as const, 'BF16' as const),
      }),
    );
    const metadata = fc.oneof(
      fc.constant({}),
      fc.record({ lora_adapter_metadata: fc.oneof(fc.json(), fc.string()) }),
      fc.record({
        lora_adapter_metadata: fc
          .record({ 'unet.lora_alpha': fc.jsonValue(), 'unet.alpha_pattern': fc.jsonValue() })
          .map((value) => JSON.stringify(value)),
      }),
    );
    let loaded = 0;
    fc.assert(
      fc.property(
        file,
        metadata,
        fc.array(fc.tuple(fc.nat(), mutation), { maxLength: 3 }),
        (index, texts, mutations) => {
          const tensors = new Map(parts[index]!.map(([name, stored]) => [name, store(stored)]));
          for (const [place, change] of mutations) {
            const chosen = [...tensors][place % Math.max(1, tensors.size)];
            if (!chosen) continue;
            const [name, tensor] = chosen;
            const { data, shape: old } = tensor as { data: Float32Array; shape: readonly number[] };
            if (change.kind === 'drop' || change.kind === 'rename') tensors.delete(name);
            if (change.kind === 'rename' || change.kind === 'copy') tensors.set(change.to, tensor);
            if (change.kind === 'reshape') {
              const size = change.shape.reduce((a, b) => a * b, 1);
              if (size <= 4096) tensors.set(name, { shape: change.shape, data: new Float32Array(size) });
            }
            if (change.kind === 'fill' && data instanceof Float32Array) {
              tensors.set(name, { shape: old, data: data.map(() => change.number) });
            }
            if (change.kind === 'type' && data instanceof Float32Array) {
              const bytes = new Uint8Array(data.slice().buffer);
              const whole = change.dtype === 'I32' || change.dtype === 'U32';
              tensors.set(name, { shape: old, dtype: change.dtype, data: whole ? bytes : data });
            }
          }
          writeSafetensors(path, tensors, texts);
          if (loadedOrRefused()) loaded += 1;
        },
      ),
      { numRuns: 600, seed: 3 },
    );
    expect(loaded).toBeGreaterThan(50);
    expect(loaded).toBeLessThan(550);
  }, 120_000);

  it('is told from every other by its layers alone', () => {
    const keys = names.map((name) => readLoraFile(fixture(name)).modules.map(moduleKey).sort());
    expect(keys[1]).toEqual(keys[0]);
    expect(keys[3]).toEqual(keys[0]);
    expect(keys[4]).toEqual(keys[0]);
    expect(keys[0]).toEqual(expect.arrayContaining(keys[2]!));
  });
});
