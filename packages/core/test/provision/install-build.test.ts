import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  damagedFiles,
  installationState,
  readCompletion,
} from '../../src/runtime/provision/completion-record.js';
import { installBuild } from '../../src/runtime/provision/install-runtime.js';
import { createWorkshop, deadProcess, tensorFlowWheel, type Workshop } from './workshop.js';

describe('installing a build of TensorFlow', () => {
  let workshop: Workshop;
  let lines: string[];
  let stages: Set<string>;

  const enter = (next: Workshop) => {
    workshop = next;
    for (const [name, value] of Object.entries(next.environment)) vi.stubEnv(name, value);
  };
  const install = (options: Partial<Parameters<typeof installBuild>[2]> & { build?: object } = {}) => {
    const { build, ...rest } = options;
    return installBuild({ ...workshop.build, ...build }, workshop.folder, {
      log: (line) => lines.push(line),
      progress: ({ stage }) => stages.add(stage),
      ...rest,
    });
  };

  beforeEach(() => {
    lines = [];
    stages = new Set();
    enter(createWorkshop());
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    workshop.remove();
  });

  it('unpacks the libraries in the layout of the wheel, compiles the binding and leaves nothing else', async () => {
    const files = await install();
    expect(workshop.neighbours()).toEqual(['installation']);
    expect(workshop.read('site/tensorflow/libtensorflow_cc.so.2')).toBe('the runtime '.repeat(500));
    expect(workshop.read('site/tensorflow/libtensorflow_framework.so.2')).toBe('the framework');
    expect(statSync(files.runtime).mode & 0o111).toBeGreaterThan(0);
    expect(readdirSync(join(workshop.folder, 'site', 'tensorflow'))).not.toContain('python');
    expect(files.binding).toMatch(/tensorflow_binding-[0-9a-f]{8}\.node$/);
    expect(statSync(files.binding).size).toBeGreaterThan(0);
    expect(readdirSync(workshop.folder).sort()).toEqual([
      'complete.json',
      'site',
      files.binding.split('/').at(-1),
    ]);
    expect(readCompletion(workshop.folder)?.wheels).toEqual([
      { name: 'tensorflow-1.0-cp312-cp312-any.whl', sha256: workshop.build.sha256 },
    ]);
    expect(await damagedFiles(workshop.folder)).toEqual([]);
    expect([...stages]).toEqual([
      'Downloading tensorflow 1.0',
      'Unpacking tensorflow 1.0',
      'Compiling the binding to TensorFlow',
    ]);
  });

  it('does nothing where the installation is whole, and everything again when forced', async () => {
    await install();
    await install();
    expect(workshop.downloads()).toHaveLength(1);
    await install({ force: true });
    expect(workshop.downloads()).toHaveLength(2);
    expect(workshop.neighbours()).toEqual(['installation']);
  });

  it('only compiles where the binding belongs to another release', async () => {
    const { binding } = await install();
    rmSync(binding);
    await install();
    expect(statSync(binding).size).toBeGreaterThan(0);
    expect(workshop.downloads()).toHaveLength(1);
  });

  it('heals an installation with a file that lost its end, and says so', async () => {
    const { runtime } = await install();
    truncateSync(runtime, 10);
    expect(installationState(workshop.folder)).toBe('incomplete');
    await install();
    expect(lines.some((line) => line.includes('not whole'))).toBe(true);
    expect(installationState(workshop.folder)).toBe('ready');
    expect(workshop.read('site/tensorflow/libtensorflow_cc.so.2')).toHaveLength(6000);
  });

  it('finds a file that changed without changing its size', async () => {
    const { framework } = await install();
    writeFileSync(framework, 'the framewolf');
    expect(installationState(workshop.folder)).toBe('ready');
    expect(await damagedFiles(workshop.folder)).toEqual(['tensorflow/libtensorflow_framework.so.2']);
  });

  it('replaces a folder that was never completed', async () => {
    mkdirSync(join(workshop.folder, 'site'), { recursive: true });
    await install();
    expect(installationState(workshop.folder)).toBe('ready');
  });

  it('leaves nothing after an interruption, and succeeds the next time', async () => {
    vi.stubEnv('FAKE_PIP', 'hang');
    const controller = new AbortController();
    const running = install({ signal: controller.signal });
    await vi.waitFor(() => expect(workshop.downloads()).toHaveLength(1));
    controller.abort();
    await expect(running).rejects.toThrow(/abort/i);
    expect(workshop.neighbours()).toEqual([]);
    vi.stubEnv('FAKE_PIP', '');
    await install();
    expect(installationState(workshop.folder)).toBe('ready');
  });

  it('clears away what a killed process left behind, and takes over its lock', async () => {
    const pid = deadProcess();
    mkdirSync(`${workshop.folder}.partial-${pid}/site`, { recursive: true });
    mkdirSync(`${workshop.folder}.replaced-${pid}`, { recursive: true });
    writeFileSync(`${workshop.folder}.lock`, JSON.stringify({ pid, host: hostname(), token: 'gone' }));
    await install();
    expect(workshop.neighbours()).toEqual(['installation']);
  });

  it('takes over the lock of another machine only after a long silence', async () => {
    mkdirSync(join(workshop.home, 'runtime'));
    const lock = `${workshop.folder}.lock`;
    writeFileSync(lock, JSON.stringify({ pid: 1, host: 'elsewhere', token: 'theirs' }));
    const controller = new AbortController();
    const waiting = install({ signal: controller.signal });
    await vi.waitFor(() => expect(lines).toEqual([expect.stringContaining('waiting for it')]));
    controller.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
    expect(workshop.neighbours()).toEqual(['installation.lock']);
    const longAgo = new Date(Date.now() - 3_600_000);
    utimesSync(lock, longAgo, longAgo);
    await install();
    expect(workshop.neighbours()).toEqual(['installation']);
  });

  it("adds the libraries that the wheel's metadata names for CUDA", async () => {
    workshop.remove();
    const metadata = [
      'Requires-Dist: numpy>=1.26.0',
      'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5; extra == "and-cuda"',
      'Requires-Dist: tensorflow-io>=0.2; extra == "gcs-filesystem"',
    ];
    enter(createWorkshop({ cuda: true, metadata: metadata.join('\n') }));
    workshop.addWheel('nvidia_cublas_cu12-12.9-py3-none-any.whl', [
      { name: 'nvidia/cublas/lib/libcublas.so.12', content: 'blas' },
      { name: 'nvidia/cublas/include/cublas.h', content: 'header' },
    ]);
    await install();
    expect(workshop.downloads()).toEqual(['tensorflow==1.0', 'nvidia-cublas-cu12<13.0,>=12.5']);
    expect(workshop.read('site/nvidia/cublas/lib/libcublas.so.12')).toBe('blas');
    expect(readdirSync(join(workshop.folder, 'site', 'nvidia', 'cublas'))).toEqual(['lib']);
    expect(readCompletion(workshop.folder)?.wheels).toHaveLength(2);
  });

  const failures: [string, string, RegExp, () => object | undefined][] = [
    [
      'pip is missing',
      'DRAFT_RUNTIME_NO_PIP',
      /python3-pip|xcode-select/,
      () => workshop.removeProgram('python3') as undefined,
    ],
    [
      'Python has no pip',
      'DRAFT_RUNTIME_NO_PIP',
      /neither python3 with pip/,
      () => vi.stubEnv('FAKE_PIP', 'none') && undefined,
    ],
    [
      'pip is too old',
      'DRAFT_RUNTIME_NO_PIP',
      /9\.0\.1 is too old/,
      () => vi.stubEnv('FAKE_PIP', 'old') && undefined,
    ],
    [
      'no compiler is there',
      'DRAFT_RUNTIME_NO_COMPILER',
      /C\+\+ compiler/,
      () => workshop.removeProgram('c++') as undefined,
    ],
    [
      'the compiler fails',
      'DRAFT_RUNTIME_COMPILE_FAILED',
      /dlfcn\.h/,
      () => vi.stubEnv('FAKE_COMPILER', 'broken') && undefined,
    ],
    [
      'there is no network',
      'DRAFT_RUNTIME_NO_NETWORK',
      /check the network/,
      () => vi.stubEnv('FAKE_PIP', 'offline') && undefined,
    ],
    ['the index lacks the package', 'DRAFT_RUNTIME_NOT_SERVED', /other==1\.0/, () => ({ project: 'other' })],
    [
      'the wheel is another one',
      'DRAFT_RUNTIME_HASH_MISMATCH',
      /SHA-256/,
      () => ({ sha256: '0'.repeat(64) }),
    ],
    ['the disk is too small', 'DRAFT_DISK_FULL', /make room/, () => ({ room: 1e18 })],
    [
      'the wheel is cut off',
      'DRAFT_ARCHIVE_BROKEN',
      /not a whole zip archive/,
      () => ({ sha256: workshop.addWheel('tensorflow-1.0-cp312-cp312-any.whl', Buffer.alloc(400)) }),
    ],
    [
      'the wheel lacks a library',
      'DRAFT_ARCHIVE_BROKEN',
      /libtensorflow_cc/,
      () => ({
        sha256: workshop.addWheel('tensorflow-1.0-cp312-cp312-any.whl', tensorFlowWheel().slice(1)),
      }),
    ],
  ];
  it.each(failures)(
    'says in one sentence that %s, and leaves nothing',
    async (_name, code, sentence, arrange) => {
      const build = arrange() ?? {};
      const error = await install({ build }).catch((reason) => reason);
      expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) });
      expect(error.message).not.toContain('\n');
      expect(workshop.neighbours()).toEqual([]);
    },
  );

  it('keeps a whole installation when a forced one fails', async () => {
    await install();
    vi.stubEnv('FAKE_PIP', 'offline');
    await expect(install({ force: true })).rejects.toMatchObject({ code: 'DRAFT_RUNTIME_NO_NETWORK' });
    expect(installationState(workshop.folder)).toBe('ready');
    expect(workshop.neighbours()).toEqual(['installation']);
  });
});
