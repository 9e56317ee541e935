import { readFileSync } from 'node:fs';
import { DraftError } from '../../errors/draft-error.js';

/** What the kernels can be compiled for: instructions that a processor has, most first. */
export const instructionSets = ['avx512bf16', 'avx512', 'avx2'] as const;

/** One of them; `avx512bf16` multiplies bfloat16. */
export type InstructionSet = (typeof instructionSets)[number];

/** What each needs, as Linux names the features of a processor. */
const needed: Readonly<Record<InstructionSet, readonly string[]>> = {
  avx2: ['avx2', 'fma', 'f16c'],
  avx512: ['avx2', 'fma', 'f16c', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl'],
  avx512bf16: ['avx2', 'fma', 'f16c', 'avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx512_bf16'],
};

/** What a compiler is told; GCC and Clang agree. */
export const compilerFlags = (set: InstructionSet): string[] =>
  needed[set].map((feature) => `-m${feature.replace('_', '')}`);

const processorFeatures = (): ReadonlySet<string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return new Set();
  try {
    const [, features = ''] = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
    return new Set(features.split(' '));
  } catch {
    return new Set();
  }
};

/**
 * The instruction sets that kernels may use on this machine, best first. `DRAFT_KERNELS` names the best one that is wanted, or
 * `off` for none.
 * @throws DraftError `DRAFT_OPTION_INVALID` where it names something else.
 */
export const usableInstructionSets = (
  features: ReadonlySet<string> = processorFeatures(),
  wanted: string | undefined = process.env.DRAFT_KERNELS,
): readonly InstructionSet[] => {
  if (wanted === 'off') return [];
  if (wanted && !instructionSets.some((set) => set === wanted)) {
    throw new DraftError(
      'DRAFT_OPTION_INVALID',
      `DRAFT_KERNELS is ${JSON.stringify(wanted)}, which names no instructions: set it to ${instructionSets.join(', ')} or off.`,
    );
  }
  const usable = instructionSets.filter((set) => needed[set].every((feature) => features.has(feature)));
  const first = usable.indexOf(wanted as InstructionSet);
  return first < 0 ? usable : usable.slice(first);
};
