import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../src/index.js';

const half = (value: number) => float32ToFloat16(Float32Array.of(value))[0];
const brain = (value: number) => float32ToBfloat16(Float32Array.of(value))[0];
const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);

describe('float16', () => {
  it('has the bit patterns of IEEE 754', () => {
    const cases: [number, number][] = [
      [0, 0x0000],
      [-0, 0x8000],
      [1, 0x3c00],
      [-2, 0xc000],
      [1 / 3, 0x3555],
      [65504, 0x7bff],
      [2 ** -14, 0x0400],
      [2 ** -24, 0x0001],
      [1023 * 2 ** -24, 0x03ff],
      [Infinity, 0x7c00],
      [-Infinity, 0xfc00],
    ];
    for (const [value, bits] of cases) expect(half(value)).toBe(bits);
    expect([...float16ToFloat32(Uint16Array.of(0x3555, 0x0001, 0x03ff, 0x7bff))]).toEqual([
      0.333251953125,
      2 ** -24,
      1023 * 2 ** -24,
      65504,
    ]);
  });

  it('rounds to nearest, ties to even', () => {
    expect(half(1 + 2 ** -11)).toBe(0x3c00); // a tie, down to even
    expect(half(1 + 3 * 2 ** -11)).toBe(0x3c02); // a tie, up to even
    expect(half(1 + 2 ** -11 + 2 ** -20)).toBe(0x3c01);
    expect(half(65519.99)).toBe(0x7bff);
    expect(half(65520)).toBe(0x7c00);
    expect(half(2 ** -25)).toBe(0); // a tie between 0 and the smallest subnormal
    expect(half(2 ** -25 * 1.001)).toBe(1);
    expect(half(1.5 * 2 ** -24)).toBe(2);
    expect(half(2.5 * 2 ** -24)).toBe(2);
    expect(half(1023.75 * 2 ** -24)).toBe(0x0400); // a subnormal rounds up to the smallest normal
  });

  it('gives all 65536 patterns back, NaN as NaN', () => {
    const numbers = float16ToFloat32(all);
    const back = float32ToFloat16(numbers);
    const wrong = [...all].filter((bits) =>
      Number.isNaN(numbers[bits]) ? (back[bits]! & 0x7e00) !== 0x7e00 : back[bits] !== bits,
    );
    expect(wrong).toEqual([]);
    expect(numbers.filter(Number.isNaN)).toHaveLength(2 * 1023);
  });

  it('rounds every float32 to a nearest neighbour', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = half(value)!;
        const [here, up, down] = float16ToFloat32(Uint16Array.of(bits, bits + 1, bits - 1));
        const error = Math.abs(here! - value);
        // A neighbour across zero is no finite number of the other sign, hence the filter.
        const others = [up!, down!].filter(Number.isFinite).map((other) => Math.abs(other - value));
        expect(error).toBeLessThanOrEqual(Math.min(...others));
        if (others.includes(error)) expect(bits & 1).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('bfloat16', () => {
  it('keeps the upper half of float32, rounded to nearest even', () => {
    expect(brain(1)).toBe(0x3f80);
    expect(brain(1 + 2 ** -8)).toBe(0x3f80);
    expect(brain(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(brain(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(brain(3.4e38)).toBe(0x7f80); // beyond the largest bfloat16, 3.3895e38
    expect(brain(-Infinity)).toBe(0xff80);
    expect(bfloat16ToFloat32(Uint16Array.of(0x4049))[0]).toBe(3.140625);
  });

  it('gives all 65536 patterns back, NaN as NaN', () => {
    const back = float32ToBfloat16(bfloat16ToFloat32(all));
    const wrong = [...all].filter((bits) =>
      (bits & 0x7fff) > 0x7f80 ? (back[bits]! & 0x7fff) <= 0x7f80 : back[bits] !== bits,
    );
    expect(wrong).toEqual([]);
  });

  it('keeps a NaN whose payload lies in the lower half', () => {
    const numbers = new Float32Array(Uint32Array.of(0x7f800001).buffer);
    expect(bfloat16ToFloat32(float32ToBfloat16(numbers))[0]).toBeNaN();
    expect(float16ToFloat32(float32ToFloat16(numbers))[0]).toBeNaN();
  });
});
