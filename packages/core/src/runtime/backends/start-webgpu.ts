import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Runtime } from '../../contracts/runtime.js';
import { DraftError } from '../../errors/draft-error.js';
import { createEagerRuntime } from '../eager-runtime.js';
import { tf } from '../tf.js';

/** The part of the package `webgpu` (Dawn for Node) that is used. */
interface Dawn {
  create(flags: readonly string[]): {
    requestAdapter(): Promise<{ info?: { description?: string; vendor?: string } } | null>;
  };
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Imports a package that the user may have installed, beside this package or in their own project. */
const importOptional = async (name: string): Promise<Record<string, unknown> | undefined> => {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]) {
    try {
      return await import(pathToFileURL(createRequire(from).resolve(name)).href);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
};

const unavailable = (reason: string, cause?: unknown) =>
  new DraftError('DRAFT_RUNTIME_NO_WEBGPU', reason, { cause });

/**
 * Starts WebGPU through Dawn, on any GPU.
 * @throws DraftError `DRAFT_RUNTIME_NO_WEBGPU` where the packages or a GPU are missing.
 */
export const startWebGpu = async (): Promise<Runtime> => {
  const dawn = (await importOptional('webgpu')) as Dawn | undefined;
  // Its name is put together so that bundlers and type checkers do not ask for it.
  const backend = dawn && (await importOptional(['@tensorflow', 'tfjs-backend-webgpu'].join('/')));
  if (!dawn || !backend) {
    throw unavailable(
      'The webgpu back end needs two packages more: run `npm i webgpu @tensorflow/tfjs-backend-webgpu@4.22.0` and try again.',
    );
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  // Node has a navigator since version 21.
  const { navigator = {} } = globalThis as { navigator?: object };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  const adapter = await gpu.requestAdapter();
  if (!adapter)
    throw unavailable(
      'The webgpu back end finds no GPU on this machine: install its driver, or choose another back end.',
    );
  await tf.setBackend('webgpu');
  await tf.ready();
  const { description, vendor } = adapter.info ?? {};
  return createEagerRuntime('webgpu', description || vendor || 'GPU');
};
