import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTorchGenerator, initialNoise, readSafetensors, torchNormal } from '../../src/index.js';
import { createMersenneTwister } from '../../src/random/mersenne-twister.js';

interface Case {
  readonly key: string;
  readonly kind: 'rand' | 'randn' | 'sequence';
  readonly seed: string;
  readonly shape: readonly number[];
  readonly stored?: string;
  readonly draws: readonly (readonly ['rand' | 'randn', number])[];
}

const at = (name: string) => new URL(`../fixtures/torch-random/${name}`, import.meta.url).pathname;
const load = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const { cases } = load('random.json') as { cases: readonly Case[] };
const { tensors } = readSafetensors(at('random.safetensors'));
const expected = (key: string) => tensors.get(key)!.data;
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const of = (kind: Case['kind']) => cases.filter((one) => one.kind === kind);

/** PyTorch's vectorised logarithm, sine and cosine differ from ours in their last bits; |z| < 6. */
const tolerance = 6e-7;

function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

describe('PyTorch’s generator', () => {
  it('begins like MT19937', () => {
    const { seed, first } = load('mt19937.json') as { seed: number; first: number[] };
    const word = createMersenneTwister(seed);
    expect(first.map(() => word())).toEqual(first);
  });

  it.each(of('rand'))('draws $key to the last bit', ({ key, seed, shape }) => {
    expect(createTorchGenerator(BigInt(seed)).uniform(size(shape))).toEqual(expected(key));
  });

  it.each(of('randn').filter(({ shape }) => size(shape) < 16))(
    'draws $key, one by one, to the last bit',
    (one) => {
      expect(torchNormal(BigInt(one.seed), size(one.shape))).toEqual(expected(one.key));
    },
  );

  it.each(of('randn').filter(({ shape }) => size(shape) >= 16))('draws $key in blocks', (one) => {
    const ours = torchNormal(BigInt(one.seed), size(one.shape));
    if (one.stored) {
      expect(difference(ours.slice(0, 32), expected(`${one.key}.first`))).toBeLessThan(tolerance);
      expect(difference(ours.slice(-32), expected(`${one.key}.last`))).toBeLessThan(tolerance);
    } else {
      expect(difference(ours, expected(one.key))).toBeLessThan(tolerance);
    }
  });

  it.each(of('sequence'))('draws $key: kinds and sizes in a row', ({ key, seed, draws }) => {
    const generator = createTorchGenerator(BigInt(seed));
    const parts = draws.map(([kind, count]) =>
      kind === 'rand' ? generator.uniform(count) : generator.normal(count),
    );
    expect(difference(Float32Array.from(parts.flatMap((part) => [...part])), expected(key))).toBeLessThan(
      tolerance,
    );
  });

  it('gives initial noise with the channels last', () => {
    const { shape, data } = initialNoise(42, [3, 4, 5, 7]);
    expect(shape).toEqual([3, 5, 7, 4]);
    const theirs = expected('randn.42.3x4x5x7');
    const moved = data.map((_, i) => {
      const [channel, column, row, image] = [
        i % 4,
        Math.floor(i / 4) % 7,
        Math.floor(i / 28) % 5,
        Math.floor(i / 140),
      ];
      return theirs[((image * 4 + channel) * 5 + row) * 7 + column]!;
    });
    expect(difference(data, moved)).toBeLessThan(tolerance);
  });

  it.each([-1, 0.5, Number.NaN, 2n ** 64n])('refuses the seed %s', (seed) => {
    expect(() => createTorchGenerator(seed)).toThrow(expect.objectContaining({ code: 'DRAFT_SEED_INVALID' }));
  });
});
