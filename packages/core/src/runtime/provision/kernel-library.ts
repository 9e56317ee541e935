import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type InstructionSet, usableInstructionSets } from './instruction-set.js';
import { nativeSources } from './native-binding.js';

/** Compiled kernels. */
export interface KernelLibrary {
  readonly path: string;
  readonly instructions: InstructionSet;
}

/** Where kernels for an instruction set lie in an installation, and what is there instead where they did not compile. */
export const kernelPlaces = (
  folder: string,
  instructions: InstructionSet,
): { readonly library: string; readonly failure: string } => {
  const stem = join(folder, `draft_kernels-${nativeSources().kernelsHash}-${instructions}`);
  return { library: `${stem}.so`, failure: `${stem}.failed` };
};

/**
 * The best kernels of an installation for this machine.
 * @returns `undefined` where it can have none; `'missing'` where they have to be compiled first.
 */
export const findKernels = (
  folder: string,
  sets: readonly InstructionSet[] = usableInstructionSets(),
): KernelLibrary | undefined | 'missing' => {
  for (const instructions of sets) {
    const { library, failure } = kernelPlaces(folder, instructions);
    if (existsSync(library)) return { path: library, instructions };
    if (!existsSync(failure)) return 'missing';
  }
  return undefined;
};
