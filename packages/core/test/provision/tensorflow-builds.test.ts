import { expect, it } from 'vitest';
import { cudaRequirements } from '../../src/runtime/provision/cuda-requirements.js';
import { describeInstallProgress, showInstall } from '../../src/runtime/provision/install-progress.js';
import { tensorFlowBuild } from '../../src/runtime/provision/tensorflow-builds.js';

const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' };

it('chooses the build for a machine', () => {
  expect(tensorFlowBuild('cpu', linux).project).toBe('tensorflow-cpu');
  expect(tensorFlowBuild('gpu', linux)).toMatchObject({ project: 'tensorflow', cuda: true });
  expect(tensorFlowBuild('cpu', { ...linux, arch: 'arm64' }).platforms[0]).toBe('manylinux_2_27_aarch64');
  const mac = tensorFlowBuild('cpu', { platform: 'darwin', arch: 'arm64', glibc: undefined });
  expect(mac.libraries.runtime).toBe('libtensorflow_cc.2.dylib');
});

it.each([
  ['Windows', 'cpu', { platform: 'win32', arch: 'x64', glibc: undefined }, /inside WSL/],
  ['an Intel Mac', 'cpu', { platform: 'darwin', arch: 'x64', glibc: undefined }, /Apple silicon/],
  ['CUDA on a Mac', 'gpu', { platform: 'darwin', arch: 'arm64', glibc: undefined }, /Linux on x86-64 only/],
  ['Alpine', 'cpu', { ...linux, glibc: undefined }, /musl/],
  ['an old Linux', 'cpu', { ...linux, glibc: '2.17' }, /2\.27 or newer, and this machine has 2\.17/],
] as const)('refuses %s with what to do instead', (_name, variant, machine, sentence) => {
  expect(() => tensorFlowBuild(variant, machine)).toThrow(
    expect.objectContaining({ code: 'DRAFT_RUNTIME_UNSUPPORTED', message: expect.stringMatching(sentence) }),
  );
  expect(() => tensorFlowBuild(variant, machine)).toThrow(/--backend wasm/);
});

it('reads the CUDA libraries from a wheel, in both spellings of a range', () => {
  const metadata = [
    'Requires-Dist: numpy (>=1.26)',
    "Requires-Dist: nvidia-cudnn-cu12 (<10.0,>=9.3) ; extra == 'and-cuda'",
    'Requires-Dist: nvidia-nccl-cu12<3.0,>=2.27.7; extra == "and-cuda"',
    'Requires-Dist: other; python_version < "3.12" and extra == "gcs"',
  ].join('\r\n');
  expect(cudaRequirements(metadata)).toEqual([
    'nvidia-cudnn-cu12<10.0,>=9.3',
    'nvidia-nccl-cu12<3.0,>=2.27.7',
  ]);
});

it('describes progress, also before the size is known', () => {
  expect(describeInstallProgress({ stage: 'Downloading', done: 137e6, total: 274e6 })).toBe(
    'Downloading: 50 % of 274 MB',
  );
  expect(describeInstallProgress({ stage: 'Downloading', done: 2e6, total: undefined })).toBe(
    'Downloading: 2 MB',
  );
  expect(describeInstallProgress({ stage: 'Compiling', done: 0, total: undefined })).toBe('Compiling …');
});

it('writes a line at each quarter where there is no terminal', () => {
  let text = '';
  const { progress } = showInstall({ write: (piece) => (text += piece) });
  for (let done = 0; done <= 100; done += 1) progress({ stage: 'Downloading', done: done * 4e6, total: 4e8 });
  expect(text.trim().split('\n')).toEqual(
    [0, 25, 50, 75, 100].map((share) => `Downloading: ${share} % of 400 MB`),
  );
});
