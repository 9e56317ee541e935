import { renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DraftError } from '../../errors/draft-error.js';
import { findProgram } from './find-program.js';
import { type NativeSources, nativeSources } from './native-binding.js';
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

const nodeHeaders = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');

/**
 * Compiles the binding into a folder, under a name that tells its version; nothing of TensorFlow is needed.
 * @returns The path of the compiled binding.
 * @throws DraftError `DRAFT_RUNTIME_NO_COMPILER`, `DRAFT_RUNTIME_COMPILE_FAILED`.
 */
export const compileBinding = async (
  folder: string,
  signal?: AbortSignal,
  sources: NativeSources = nativeSources(),
): Promise<string> => {
  const compiler = findCompiler();
  const target = join(folder, sources.binding);
  const temporary = join(folder, `.${sources.binding}.${process.pid}.part`);
  const platformFlags =
    process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,--no-as-needed', '-ldl'];
  const flags = [
    '-O2',
    '-std=c++17',
    '-fPIC',
    '-shared',
    `-I${nodeHeaders()}`,
    '-o',
    temporary,
    sources.main,
  ];
  try {
    const result = await runProgram(compiler, [...flags, ...platformFlags], { signal });
    if (result.code !== 0) {
      const reason = result.stderr.split('\n').find((line) => /error|not found|cannot/i.test(line));
      throw new DraftError(
        'DRAFT_RUNTIME_COMPILE_FAILED',
        `${compiler} could not compile the binding to TensorFlow: ${(reason ?? `exit code ${result.code}`).trim()}`,
        { cause: new Error(result.stderr) },
      );
    }
    renameSync(temporary, target);
    return target;
  } finally {
    rmSync(temporary, { force: true });
  }
};
