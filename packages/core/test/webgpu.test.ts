import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { presentBackends } from '../src/runtime/present-backends.js';
import { writeCompletion } from '../src/runtime/provision/completion-record.js';
import { tensorFlowFiles } from '../src/runtime/provision/locate-tensorflow.js';
import { runtimeFolder, type TensorFlowVariant } from '../src/runtime/provision/runtime-folder.js';
import { tf } from '../src/runtime/tf.js';
import { plantTree } from './plugin-tree.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** A project with stand-ins for Dawn and for TensorFlow.js's back end on it. */
const plantWebGpu = (adapter: string): string =>
  plantTree({
    'package.json': {},
    'node_modules/webgpu/package.json': { name: 'webgpu', type: 'module', main: 'index.js' },
    'node_modules/webgpu/index.js': `
      export const globals = {};
      export const create = () => {
        globalThis.dawns = (globalThis.dawns ?? 0) + 1;
        return { requestAdapter: async () => ${adapter} };
      };
    `,
    'node_modules/@tensorflow/tfjs-backend-webgpu/package.json': {
      name: '@tensorflow/tfjs-backend-webgpu',
      main: 'index.cjs',
    },
    // It registers itself where it sees a GPU, as the real one does; plain JavaScript computes.
    'node_modules/@tensorflow/tfjs-backend-webgpu/index.cjs': `
      const engine = globalThis._tfengine;
      if (globalThis.navigator?.gpu) engine.registerBackend('webgpu', () => engine.findBackend('cpu'));
    `,
  });

/** What an installed TensorFlow looks like from outside. */
const plantTensorFlow = (variant: TensorFlowVariant, compiled: boolean): void => {
  const folder = runtimeFolder(variant);
  mkdirSync(folder, { recursive: true });
  const platform = `${process.platform}-${process.arch}`;
  writeCompletion(folder, { format: 1, version: '1', platform, installedAt: '', wheels: [], files: [] });
  if (!compiled) return;
  const { binding } = tensorFlowFiles(folder, variant);
  mkdirSync(dirname(binding), { recursive: true });
  writeFileSync(binding, '');
};

describe('presentBackends', () => {
  const none = () => plantTree({ 'package.json': {} });

  it.each<[string, readonly [TensorFlowVariant, boolean][], readonly string[]]>([
    ['no TensorFlow', [], ['cpu', 'wasm']],
    ['TensorFlow for processors', [['cpu', false]], ['cpu', 'wasm', 'tensorflow']],
    ['TensorFlow for GPUs alone', [['gpu', true]], ['cpu', 'wasm', 'tensorflow']],
    ['TensorFlow for GPUs that is not compiled', [['gpu', false]], ['cpu', 'wasm']],
  ])('with %s', (_, installed, backends) => {
    vi.stubEnv('DRAFT_CACHE', none());
    for (const [variant, compiled] of installed) plantTensorFlow(variant, compiled);
    expect(presentBackends(none())).toEqual(backends);
  });

  it.each([
    ['with a GPU', '({})', ['cpu', 'wasm', 'webgpu']],
    ['without a GPU', 'null', ['cpu', 'wasm']],
    ['with a driver that breaks', 'process.abort()', ['cpu', 'wasm']],
  ])('with WebGPU %s', (_, adapter, backends) => {
    vi.stubEnv('DRAFT_CACHE', none());
    expect(presentBackends(plantWebGpu(adapter))).toEqual(backends);
  });
});

describe('webgpu', () => {
  it('starts its back end where that can see the GPU, and Dawn once', async () => {
    await createRuntime({ backend: 'cpu' });
    vi.spyOn(process, 'cwd').mockReturnValue(plantWebGpu("({ info: { description: 'stand-in' } })"));
    for (let i = 0; i < 2; i += 1) {
      const runtime = await createRuntime({ backend: 'webgpu' });
      expect(runtime).toMatchObject({ backend: 'webgpu', device: 'stand-in', graphs: false });
      expect(tf.getBackend()).toBe('webgpu');
    }
    expect(Reflect.get(globalThis, 'dawns')).toBe(1);
    await tf.setBackend('cpu');
  });
});
