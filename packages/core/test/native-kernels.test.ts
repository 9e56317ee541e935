import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  compilerFlags,
  instructionSets,
  usableInstructionSets,
} from '../src/runtime/provision/instruction-set.js';
import { nativeCases } from './native/cases.js';

const program = fileURLToPath(new URL('native/report-differences.ts', import.meta.url));

/** How far each case is from plain ops, computed in a process of its own. */
const reportOf = async (kernels: string, computeType: string, batch: number) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@draft/source', '--import', 'tsx', program, computeType, String(batch)],
    { env: { ...process.env, DRAFT_KERNELS: kernels, DRAFT_STRICT_GRAPHS: '1' }, maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')) ?? '{}') as Record<
    string,
    number[]
  >;
};

// Sums of some hundred terms in another order; Winograd's transformations double the error.
const float32 = 2e-5;
// Eight bits of mantissa: each operand and each result is off by up to 2⁻⁹ of itself, and Winograd's transformations add to it.
const bfloat16 = 3e-2;

describe.each(usableInstructionSets().map((set) => [set] as const))('kernels for %s', (set) => {
  // One picture at a time is shared by all processors, several have one each.
  it.each([
    ['float32', 1, float32],
    ['float32', 2, float32],
    ['bfloat16', 1, bfloat16],
  ] as const)(
    'compute in %s, %d at a time, what plain ops do',
    async (computeType, batch, tolerance) => {
      const report = await reportOf(set, computeType, batch);
      expect(Object.keys(report)).toEqual(nativeCases.map(({ name }) => name));
      const wrong = Object.entries(report).filter(([, found]) => found.some((error) => !(error < tolerance)));
      expect(Object.fromEntries(wrong)).toEqual({});
    },
    120_000,
  );
});

describe('instruction sets', () => {
  const all = new Set(
    compilerFlags('avx512bf16')
      .map((flag) => flag.slice(2))
      .concat('avx512_bf16'),
  );

  it('are those that the processor has, best first', () => {
    expect(usableInstructionSets(all, undefined)).toEqual(instructionSets);
    all.delete('avx512_bf16');
    expect(usableInstructionSets(all, undefined)).toEqual(['avx512', 'avx2']);
    expect(usableInstructionSets(new Set(['avx2']), undefined)).toEqual([]);
  });

  it('begin at the one that is wanted', () => {
    const some = new Set([...all, 'avx512_bf16']);
    expect(usableInstructionSets(some, 'avx512')).toEqual(['avx512', 'avx2']);
    expect(usableInstructionSets(some, 'avx2')).toEqual(['avx2']);
    expect(usableInstructionSets(some, 'off')).toEqual([]);
    expect(usableInstructionSets(some, '')).toEqual(instructionSets);
    // One that this processor lacks is no mistake.
    expect(
      usableInstructionSets(new Set(compilerFlags('avx2').map((flag) => flag.slice(2))), 'avx512'),
    ).toEqual(['avx2']);
  });

  it('that do not exist are refused', () => {
    expect(() => usableInstructionSets(all, 'sse')).toThrow(/DRAFT_KERNELS is "sse".* avx2 or off/);
  });
});
