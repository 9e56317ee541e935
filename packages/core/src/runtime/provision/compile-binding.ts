import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileNative } from './compile-native.js';
import { type NativeSources, nativeSources } from './native-binding.js';

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
  const target = join(folder, sources.binding);
  const platformFlags =
    process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-Wl,--no-as-needed', '-ldl'];
  const flags = ['-O2', `-I${nodeHeaders()}`, ...platformFlags];
  await compileNative({ title: 'the binding to TensorFlow', source: sources.main, target, flags }, signal);
  return target;
};
