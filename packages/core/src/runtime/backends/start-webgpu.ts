import type { Runtime } from '../../contracts/runtime.js';
import { DraftError } from '../../errors/draft-error.js';
import { createEagerRuntime } from '../eager-runtime.js';
import { tf } from '../tf.js';
import { findWebGpu } from './find-webgpu.js';

/** The part of the package `webgpu` (Dawn for Node) that is used. */
interface Dawn {
  create(flags: readonly string[]): {
    requestAdapter(): Promise<{ info?: { description?: string; vendor?: string } } | null>;
  };
  readonly globals: Readonly<Record<string, unknown>>;
}

const unavailable = (reason: string, cause?: unknown) =>
  new DraftError('DRAFT_RUNTIME_NO_WEBGPU', reason, { cause });

/** Puts Dawn where browsers have WebGPU, and TensorFlow.js's back end on it; says what computes. */
const openDawn = async (): Promise<string> => {
  const modules = findWebGpu();
  if (!modules) {
    throw unavailable(
      'The webgpu back end needs two packages more: run `npm i webgpu @tensorflow/tfjs-backend-webgpu@4.22.0` and try again.',
    );
  }
  const dawn = (await import(modules.dawn)) as Dawn;
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
  // It registers itself only where it sees navigator.gpu.
  await import(modules.backend);
  const { description, vendor } = adapter.info ?? {};
  return description || vendor || 'GPU';
};

// One for the process: the back end goes on using the first Dawn.
let opened: string | undefined;

/**
 * Starts WebGPU through Dawn, on any GPU.
 * @throws DraftError `DRAFT_RUNTIME_NO_WEBGPU` where the packages or a GPU are missing.
 */
export const startWebGpu = async (): Promise<Runtime> => {
  opened ??= await openDawn();
  await tf.setBackend('webgpu');
  await tf.ready();
  return createEagerRuntime('webgpu', opened);
};
