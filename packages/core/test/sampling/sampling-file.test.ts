import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  companionMetadata,
  guidanceAt,
  guidanceNumberAt,
  mixSampling,
  readLearnt,
  readSamplingFile,
  readSamplingHeader,
  type SamplingNumbers,
  type TensorToStore,
  tf,
  writeSafetensors,
  writeSamplingFile,
} from '@draft/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder = '';
beforeAll(async () => {
  await tf.setBackend('cpu');
  folder = mkdtempSync(join(tmpdir(), 'draft-sampling-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const numbers: SamplingNumbers = {
  guidance: { timesteps: [751, 501, 1], weights: [7.5, 2, 3.25] },
  negative: { shape: [1, 2, 3], data: Float32Array.of(1, -2, 3, 0.5, 0, 8) },
};

describe('guidance over timesteps', () => {
  it.each([
    ['before the first knot', 900, 7.5],
    ['at a knot', 501, 2],
    ['between two', 626, 4.75],
    ['behind the last', 0, 3.25],
  ])('%s', (_, timestep, expected) => {
    expect(guidanceNumberAt(numbers.guidance!, timestep)).toBe(expected);
  });

  it('is the same as tensors', () => {
    const curves = fc
      .uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 9 })
      .chain((knots) =>
        fc.record({
          timesteps: fc.constant([...knots].sort((a, b) => b - a)),
          weights: fc.array(fc.double({ min: -20, max: 20, noNaN: true }), {
            minLength: knots.length,
            maxLength: knots.length,
          }),
        }),
      );
    fc.assert(
      fc.property(curves, fc.integer({ min: -50, max: 1050 }), (curve, timestep) => {
        const found = tf.tidy(
          () =>
            guidanceAt(
              { timesteps: tf.tensor1d(curve.timesteps), weights: tf.tensor1d(curve.weights) },
              tf.scalar(timestep),
            ).dataSync()[0]!,
        );
        // Float32 of numbers up to 20, and exactly a knot's own weight at it.
        expect(Math.abs(found - guidanceNumberAt(curve, timestep))).toBeLessThan(2e-5);
        const knot = curve.timesteps.indexOf(timestep);
        // Of a weight of −0 sums make 0.
        if (knot >= 0) expect(found === Math.fround(curve.weights[knot]!)).toBe(true);
      }),
    );
  });
});

describe('mixing sampling weights', () => {
  const base = { guidance: 4, negative: { shape: [1, 2, 3], data: Float32Array.of(1, 1, 1, 1, 1, 1) } };
  const other: SamplingNumbers = { guidance: { timesteps: [999], weights: [6] } };
  const mix = (a: number, b: number) =>
    mixSampling(base, [
      { name: 'a', numbers, strength: a },
      { name: 'b', numbers: other, strength: b },
    ]);

  it('is what was not learnt at a strength of 0, and what was learnt at 1', () => {
    expect(mix(0, 0)).toEqual({
      guidance: { timesteps: [999, 751, 501, 1], weights: [4, 4, 4, 4] },
      negative: base.negative,
    });
    expect(mix(1, 0)).toEqual({
      guidance: { timesteps: [999, 751, 501, 1], weights: [7.5, 7.5, 2, 3.25] },
      negative: numbers.negative,
    });
  });

  it('adds up', () => {
    // 4 + 0.5 · (7.5 − 4) − 1 · (6 − 4) and so on.
    expect(mix(0.5, -1).guidance!.weights).toEqual([3.75, 3.75, 1, 1.625]);
    expect(Array.from(mix(0.5, -1).negative!.data)).toEqual([1, -0.5, 2, 0.75, 0.5, 4.5]);
  });

  it('refuses text states of another encoder', () => {
    const negative = { shape: [1, 2, 4], data: new Float32Array(8) };
    expect(() => mixSampling(base, [{ name: 'x.safetensors', numbers: { negative }, strength: 1 }])).toThrow(
      'x.safetensors is for another model: its negative text states are 2 × 4 numbers, this model’s are 2 × 3.'.replace(
        '’',
        "'",
      ),
    );
  });
});

describe('files of sampling weights', () => {
  it.each([
    ['both', numbers],
    ['guidance', { guidance: numbers.guidance! }],
    ['negative', { negative: numbers.negative! }],
  ])('come back as they were: %s', (name, content) => {
    const path = join(folder, `${name}.safetensors`);
    writeSamplingFile(path, content, { 'draft.architecture': 'sd_v1' });
    expect(readSamplingFile(path)).toEqual(content);
    expect(readSamplingHeader(path)).toEqual({ own: true, companion: undefined });
    expect(readLearnt(path, [])).toEqual({ adapters: new Map(), sampling: content, missing: undefined });
  });

  const layer = { name: 'a.attn1.to_q', inFeatures: 2, outFeatures: 3, convolution: false };
  const lora = (name: string, companion: string) => {
    const path = join(folder, name);
    const tensors: Record<string, TensorToStore> = {
      'unet.a.attn1.to_q.lora_A.weight': { shape: [1, 2], data: Float32Array.of(1, 2) },
      'unet.a.attn1.to_q.lora_B.weight': { shape: [3, 1], data: Float32Array.of(1, 2, 3) },
    };
    writeSafetensors(path, tensors, companionMetadata(companion));
    return path;
  };

  it('come along with the LoRA whose header names them', () => {
    writeSamplingFile(join(folder, 'sampling.safetensors'), numbers);
    const learnt = readLearnt(lora('lora.safetensors', 'sampling.safetensors'), [layer]);
    expect(learnt).toMatchObject({ sampling: numbers, missing: undefined });
    expect([...learnt.adapters.keys()]).toEqual([layer.name]);
    for (const list of learnt.adapters.values()) tf.dispose(list.flatMap(({ down, up }) => [down, up]));
  });

  it('are said to be missing where they are, and never looked for in another folder', () => {
    const gone = readLearnt(lora('alone.safetensors', 'gone.safetensors'), [layer]);
    expect(gone).toMatchObject({ sampling: undefined, missing: join(folder, 'gone.safetensors') });
    const elsewhere = readLearnt(lora('astray.safetensors', '../etc/x.safetensors'), [layer]);
    expect(elsewhere).toMatchObject({ sampling: undefined, missing: undefined });
    for (const { adapters } of [gone, elsewhere]) {
      for (const list of adapters.values()) tf.dispose(list.flatMap(({ down, up }) => [down, up]));
    }
  });

  const row = (...values: number[]): TensorToStore => ({
    shape: [values.length],
    data: Float32Array.from(values),
  });
  it.each<[string, Record<string, TensorToStore>, RegExp]>([
    ['no timesteps', { 'guidance.weights': row(1, 2) }, /not one weight for each of its timesteps/],
    [
      'timesteps that rise',
      { 'guidance.weights': row(1, 2), 'guidance.timesteps': row(1, 5) },
      /do not fall strictly/,
    ],
    [
      'a timestep beyond the last',
      { 'guidance.weights': row(1), 'guidance.timesteps': row(1000) },
      /within 0 to 999/,
    ],
    [
      'numbers that are not finite',
      { negative: { shape: [1, 1, 1], data: Float32Array.of(Number.NaN) } },
      /finite/,
    ],
    ['text states of another shape', { negative: row(1) }, /have the shape \[1\]/],
    [
      'something else',
      { negative: { shape: [1, 1, 1], data: new Float32Array(1) }, x: row(1) },
      /also holds "x"/,
    ],
  ])('are refused in one sentence with %s', (name, tensors, message) => {
    const path = join(folder, `${name}.safetensors`);
    writeSafetensors(path, tensors);
    expect(() => readSamplingFile(path)).toThrow(message);
    expect(() => readSamplingFile(path)).toThrow(path);
  });
});
