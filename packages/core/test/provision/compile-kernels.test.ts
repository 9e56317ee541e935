import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compileKernels } from '../../src/runtime/provision/compile-kernels.js';
import { instructionSets } from '../../src/runtime/provision/instruction-set.js';
import { findKernels } from '../../src/runtime/provision/kernel-library.js';
import { createWorkshop, type Workshop } from './workshop.js';

describe('compiling kernels', () => {
  let workshop: Workshop;
  beforeEach(() => {
    workshop = createWorkshop();
    for (const [name, value] of Object.entries(workshop.environment)) vi.stubEnv(name, value);
    mkdirSync(workshop.folder, { recursive: true });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    workshop.remove();
  });
  const compile = () => compileKernels(workshop.folder, undefined, instructionSets);
  const found = () => findKernels(workshop.folder, instructionSets);

  it('makes the best ones, once', async () => {
    expect(found()).toBe('missing');
    await compile();
    await compile();
    expect(found()).toMatchObject({ instructions: 'avx512bf16' });
    expect(workshop.compilations()).toHaveLength(1);
    expect(workshop.compilations()[0]).toMatch(/draft-kernels\.cc .*-O3 .*-mavx512f .*-mavx512bf16/);
    expect(readdirSync(workshop.folder)).toHaveLength(1);
  });

  it('makes the next ones where the compiler does not know the instructions, and remembers', async () => {
    vi.stubEnv('FAKE_COMPILER', 'old');
    await compile();
    await compile();
    expect(found()).toMatchObject({ instructions: 'avx512' });
    expect(workshop.compilations()).toHaveLength(1);
    const [failure = ''] = readdirSync(workshop.folder).filter((name) => name.endsWith('.failed'));
    expect(readFileSync(join(workshop.folder, failure), 'utf8')).toMatch(/unrecognized command line option/);
  });

  it('does without where none compile', async () => {
    vi.stubEnv('FAKE_COMPILER', 'broken');
    await compile();
    expect(found()).toBeUndefined();
    expect(readdirSync(workshop.folder).every((name) => name.endsWith('.failed'))).toBe(true);
    expect(readdirSync(workshop.folder)).toHaveLength(instructionSets.length);
  });

  it('gives them another name with the instructions', async () => {
    await compileKernels(workshop.folder, undefined, ['avx2']);
    const library = findKernels(workshop.folder, ['avx2']);
    expect(library && library !== 'missing' && basename(library.path)).toMatch(
      /^draft_kernels-[0-9a-f]{8}-avx2\.so$/,
    );
    expect(found()).toBe('missing');
  });
});
