import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** The machine that the figures are of. */
export interface Machine {
  readonly processor: string;
  readonly threads: number;
  readonly memoryBytes: number;
  /** Instruction sets that matter for matrix products. */
  readonly features: readonly string[];
  readonly node: string;
}

const wanted = ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'avx_vnni', 'amx_bf16'];

/** Describes this machine. */
export const describeMachine = (): Machine => {
  let flags: readonly string[] = [];
  try {
    flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  } catch {
    // Only Linux tells.
  }
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    features: wanted.filter((name) => flags.includes(name)),
    node: process.version,
  };
};
