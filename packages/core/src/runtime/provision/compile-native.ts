import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DraftError } from '../../errors/draft-error.js';
import { findProgram } from './find-program.js';
import { runProgram } from './run-program.js';

/**
 * The C++ compiler: `CXX`, else the first of `c++`, `g++`, `clang++`.
 * @throws DraftError `DRAFT_RUNTIME_NO_COMPILER`.
 */
export const findCompiler = (environment: NodeJS.ProcessEnv = process.env): string => {
  const wanted = environment.CXX ? [environment.CXX] : [];
  const compiler = findProgram([...wanted, 'c++', 'g++', 'clang++'], environment);
  if (compiler) return compiler;
  const install =
    process.platform === 'darwin'
      ? '`xcode-select --install`'
      : '`apt-get install g++` on Debian and Ubuntu, `dnf install gcc-c++` on Fedora';
  throw new DraftError(
    'DRAFT_RUNTIME_NO_COMPILER',
    `TensorFlow needs a C++ compiler once, to build the binding, and none of c++, g++ and clang++ is there: install one (${install}) and run again; \`--backend wasm\` runs the miniature without it.`,
  );
};

/** What is compiled into what. */
export interface NativeTarget {
  /** What it is called in messages. */
  readonly title: string;
  readonly source: string;
  readonly target: string;
  readonly flags: readonly string[];
}

/**
 * Compiles one C++ file into a shared library, which appears when it is whole.
 * @throws DraftError `DRAFT_RUNTIME_NO_COMPILER`, `DRAFT_RUNTIME_COMPILE_FAILED`.
 */
export const compileNative = async (
  { title, source, target, flags }: NativeTarget,
  signal?: AbortSignal,
): Promise<void> => {
  const compiler = findCompiler();
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  const common = ['-std=c++17', '-fPIC', '-shared', '-o', temporary, source];
  try {
    const result = await runProgram(compiler, [...common, ...flags], { signal });
    if (result.code !== 0) {
      const reason = result.stderr.split('\n').find((line) => /error|not found|cannot/i.test(line));
      throw new DraftError(
        'DRAFT_RUNTIME_COMPILE_FAILED',
        `${compiler} could not compile ${title}: ${(reason ?? `exit code ${result.code}`).trim()}`,
        { cause: new Error(result.stderr) },
      );
    }
    renameSync(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
};
