import { DraftError } from '../../errors/draft-error.js';
import { writeFileAtomically } from '../../files/write-file-atomically.js';
import { compileNative } from './compile-native.js';
import { compilerFlags, type InstructionSet, usableInstructionSets } from './instruction-set.js';
import { findKernels, kernelPlaces } from './kernel-library.js';
import { nativeSources } from './native-binding.js';

/**
 * Compiles the best kernels that this machine can use and this compiler can make into an installation. Where none compile,
 * TensorFlow's own are used: what the compiler said is kept beside them, and not asked again.
 */
export const compileKernels = async (
  folder: string,
  signal?: AbortSignal,
  sets: readonly InstructionSet[] = usableInstructionSets(),
): Promise<void> => {
  for (const instructions of sets) {
    if (findKernels(folder, sets) !== 'missing') return;
    const { library, failure } = kernelPlaces(folder, instructions);
    const flags = [
      '-O3',
      '-fvisibility=hidden',
      '-ffp-contract=fast',
      '-pthread',
      ...compilerFlags(instructions),
    ];
    const target = { title: 'the kernels', source: nativeSources().kernels, target: library, flags };
    try {
      await compileNative(target, signal);
    } catch (error) {
      if (!DraftError.is(error) || error.code !== 'DRAFT_RUNTIME_COMPILE_FAILED') throw error;
      writeFileAtomically(failure, `${error.message}\n\n${(error.cause as Error).message}\n`);
    }
  }
};
