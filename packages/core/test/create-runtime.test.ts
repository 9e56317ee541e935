import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRuntime, type RuntimeOptions } from '../src/runtime/create-runtime.js';
import { compileBinding } from '../src/runtime/provision/compile-binding.js';
import { siteFolder, writeCompletion } from '../src/runtime/provision/completion-record.js';
import { ensureTensorFlow } from '../src/runtime/provision/ensure-tensorflow.js';
import { tensorFlowFiles } from '../src/runtime/provision/locate-tensorflow.js';
import { runtimeFolder } from '../src/runtime/provision/runtime-folder.js';
import { runtimeInfo } from '../src/runtime/provision/runtime-info.js';
import { type Tensor2D, tf } from '../src/runtime/tf.js';
import { createWorkshop, type Workshop } from './provision/workshop.js';

let lines: string[];
const start = (options: RuntimeOptions = {}) =>
  createRuntime({ ...options, log: (line) => lines.push(line), progress: () => {} });

beforeEach(() => {
  lines = [];
});
afterEach(() => vi.unstubAllEnvs());

describe('choosing a back end', () => {
  it.each([0, 2.5, Number.NaN])('refuses a batch of %s', async (batch) => {
    await expect(start({ backend: 'cpu', batch })).rejects.toThrow(
      `The option batch of createRuntime is ${batch}: give the number of samples, a whole number of at least 1.`,
    );
  });

  it.each(['wasm', 'cpu'] as const)('computes on %s, in float32', async (backend) => {
    const runtime = await start({ backend, computeType: 'bfloat16' });
    expect(runtime).toMatchObject({ backend, graphs: false, computeType: 'float32' });
    expect(lines).toEqual([expect.stringMatching(/no bfloat16/)]);
    const before = runtime.memory();
    const square = runtime.compile('square', ({ x }: { x: Tensor2D }) => ({ y: tf.matMul(x, x), x }));
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const result = await square({ x });
    expect([...result.y.dataSync()]).toEqual([7, 10, 15, 22]);
    tf.dispose(result as never);
    expect([...x.dataSync()]).toEqual([1, 2, 3, 4]);
    x.dispose();
    const half = runtime.weight(Uint8Array.of(0x80, 0x3f, 0x00, 0xc0), 'BF16', [2]);
    expect([...half.dataSync()]).toEqual([1, -2]);
    half.dispose();
    expect(runtime.memory().tensors).toBe(before.tensors);
  });

  it('follows DRAFT_BACKEND unless told otherwise', async () => {
    vi.stubEnv('DRAFT_BACKEND', 'cpu');
    expect((await start()).backend).toBe('cpu');
    expect((await start({ backend: 'wasm' })).backend).toBe('wasm');
  });

  it('names the back ends where one is unknown', async () => {
    vi.stubEnv('DRAFT_BACKEND', 'tensorflw');
    await expect(start()).rejects.toMatchObject({
      code: 'DRAFT_UNKNOWN_BACKEND',
      message: expect.stringMatching(
        /"tensorflw" \(DRAFT_BACKEND\): choose auto, tensorflow, webgpu, wasm or cpu/,
      ),
    });
  });

  it('says what to install for webgpu', async () => {
    await expect(start({ backend: 'webgpu' })).rejects.toMatchObject({
      code: 'DRAFT_RUNTIME_NO_WEBGPU',
      message: expect.stringMatching(/npm i webgpu/),
    });
  });

  describe('on a machine without pip', () => {
    let workshop: Workshop;
    beforeEach(() => {
      workshop = createWorkshop();
      workshop.removeProgram('python3');
      for (const [name, value] of Object.entries(workshop.environment)) vi.stubEnv(name, value);
      vi.stubEnv('DRAFT_CACHE', join(workshop.home, 'cache'));
    });
    afterEach(() => workshop.remove());

    it('goes on with wasm and says why', async () => {
      expect((await start()).backend).toBe('wasm');
      expect(lines).toEqual([expect.stringMatching(/pip.*Going on with the wasm back end/)]);
    });

    it('refuses where TensorFlow or a GPU was asked for', async () => {
      await expect(start({ backend: 'tensorflow' })).rejects.toMatchObject({ code: 'DRAFT_RUNTIME_NO_PIP' });
      await expect(start({ gpu: true })).rejects.toMatchObject({
        code: expect.stringMatching(/^DRAFT_RUNTIME_(NO_PIP|UNSUPPORTED)$/),
      });
    });

    it('describes the machine', async () => {
      const info = await runtimeInfo();
      expect(info.installations.map(({ variant, state }) => [variant, state])).toEqual([
        ['cpu', 'missing'],
        ['gpu', 'missing'],
      ]);
      expect(info.node).toBe(process.version);
      expect(info.missing).toEqual([expect.stringMatching(/pip/)]);
    });
  });
});

describe('with TensorFlow set up', () => {
  let cache: string;
  beforeEach(async () => {
    await ensureTensorFlow();
    const real = runtimeFolder('cpu');
    cache = mkdtempSync(join(tmpdir(), 'draft-cache-'));
    vi.stubEnv('DRAFT_CACHE', cache);
    mkdirSync(join(cache, 'runtime'));
    symlinkSync(real, runtimeFolder('cpu'));
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  it('tells version, devices and whether every file is as it was', async () => {
    const { installations, missing } = await runtimeInfo({ verify: true });
    expect(installations[0]).toMatchObject({
      variant: 'cpu',
      state: 'ready',
      devices: ['CPU:0'],
      damaged: [],
    });
    expect(missing).toEqual([]);
  });

  it('goes on with the build for processors where the CUDA build does not load', async () => {
    const folder = runtimeFolder('gpu');
    const files = tensorFlowFiles(folder, 'gpu');
    mkdirSync(join(folder, siteFolder, 'tensorflow'), { recursive: true });
    const content = 'not a library';
    const sha256 = createHash('sha256').update(content).digest('hex');
    const records = [files.framework, files.runtime].map((path) => {
      writeFileSync(path, content);
      return { path: path.slice(join(folder, siteFolder).length + 1), size: content.length, sha256 };
    });
    await compileBinding(folder);
    const platform = `${process.platform}-${process.arch}`;
    writeCompletion(folder, {
      format: 1,
      version: '0',
      platform,
      installedAt: '',
      wheels: [],
      files: records,
    });

    const info = await runtimeInfo();
    expect(info.installations[1]?.failure).toMatch(/libtensorflow/);

    const runtime = await start();
    expect(lines.join('\n')).toMatch(/could not be loaded[\s\S]*build for processors/);
    expect(runtime).toMatchObject({ backend: 'tensorflow', device: 'CPU' });
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const square = runtime.compile('square', ({ x: a }: { x: Tensor2D }) => ({ y: tf.matMul(a, a) }));
    const { y } = await square({ x });
    expect([...y.dataSync()]).toEqual([7, 10, 15, 22]);
    square.dispose();
    tf.dispose([x, y]);
  });
});
