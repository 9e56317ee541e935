import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { Runtime } from '../../contracts/runtime.js';
import { createEagerRuntime } from '../eager-runtime.js';
import { tf } from '../tf.js';

/** Starts TensorFlow.js's own WebAssembly back end, which needs nothing installed. */
export const startWasm = async (): Promise<Runtime> => {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  if (tf.getBackend() !== 'wasm') setWasmPaths(join(dirname(manifest), 'wasm-out') + sep);
  await tf.setBackend('wasm');
  await tf.ready();
  return createEagerRuntime('wasm');
};
