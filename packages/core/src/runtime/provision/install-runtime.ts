import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DraftError } from '../../errors/draft-error.js';
import { explainFileError } from '../../files/explain-file-error.js';
import { withLock } from '../../files/with-lock.js';
import type { TensorFlowFiles } from '../tensorflow/open-binding.js';
import { compileBinding } from './compile-binding.js';
import { compileKernels } from './compile-kernels.js';
import { findCompiler } from './compile-native.js';
import { installationState, siteFolder, writeCompletion } from './completion-record.js';
import { cudaRequirements } from './cuda-requirements.js';
import { downloadWheel, type Wheel } from './download-wheel.js';
import { type ExtractedFile, extractWheel } from './extract-wheel.js';
import { findPip, type Pip } from './find-pip.js';
import { type InstallListener, showInstall } from './install-progress.js';
import { isCompiled, tensorFlowFiles } from './locate-tensorflow.js';
import { removeLeftovers, workFolder } from './remove-leftovers.js';
import { requireRoom } from './require-room.js';
import { runtimeFolder, type TensorFlowVariant } from './runtime-folder.js';
import { type TensorFlowBuild, tensorFlowBuild } from './tensorflow-builds.js';

/** What to install. */
export interface InstallOptions extends Partial<InstallListener> {
  /** The build for processors, or the one for CUDA 12 with NVIDIA's libraries. @default 'cpu' */
  readonly variant?: TensorFlowVariant;
  /** Installs again what is there already. @default false */
  readonly force?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Everything that one installation goes through. */
interface Installation {
  readonly build: TensorFlowBuild;
  readonly work: string;
  readonly listener: InstallListener;
  readonly signal: AbortSignal | undefined;
}

/** The libraries with their licences; of TensorFlow, nothing else is needed. */
const wantedOfTensorFlow = ({ libraries }: TensorFlowBuild) => {
  const files = new Set([
    ...[libraries.framework, libraries.runtime, 'THIRD_PARTY_NOTICES.txt', 'include/LICENSE'].map(
      (name) => `tensorflow/${name}`,
    ),
  ]);
  return (name: string) => files.has(name) || /^[^/]+\.dist-info\/METADATA$/.test(name);
};

/** NVIDIA's libraries and the tools that compile for the device, without headers. */
const wantedOfNvidia = (name: string) =>
  (name.startsWith('nvidia/') && !/\/include\/|\.(a|py|pyi|h)$/.test(name)) ||
  /^[^/]+\.dist-info\/(licenses\/|LICENSE|License|METADATA)/.test(name);

const addWheel = async (
  { work, listener, signal }: Installation,
  wheel: Wheel,
  label: string,
  wanted: (name: string) => boolean,
): Promise<ExtractedFile[]> => {
  const files = await extractWheel(wheel.path, join(work, siteFolder), {
    wanted,
    onProgress: (done, total) => listener.progress({ stage: `Unpacking ${label}`, done, total }),
    signal,
  });
  rmSync(wheel.path);
  return files;
};

/** Downloads and unpacks everything into the working folder. */
const fetchLibraries = async (installation: Installation, pip: Pip): Promise<void> => {
  const { build, work, listener, signal } = installation;
  const { project, version, platforms, sha256, size } = build;
  const request = { requirement: `${project}==${version}`, platforms, sha256, size };
  const wheel = await downloadWheel(pip, request, work, listener, signal);
  const files = await addWheel(installation, wheel, `${project} ${version}`, wantedOfTensorFlow(build));
  const wheels = [{ name: wheel.name, sha256: wheel.sha256 }];
  for (const library of Object.values(build.libraries)) {
    if (files.some(({ path }) => path === `tensorflow/${library}`)) continue;
    throw new DraftError(
      'DRAFT_ARCHIVE_BROKEN',
      `${wheel.name} holds no ${library}: it is not the expected wheel.`,
    );
  }
  if (build.cuda) {
    const metadata = files.find(({ path }) => path.endsWith('/METADATA'))?.path ?? '';
    const requirements = cudaRequirements(await readFile(join(work, siteFolder, metadata), 'utf8'));
    for (const [i, requirement] of requirements.entries()) {
      const name = requirement.replace(/[<>=!~].*$/, '');
      const counted: InstallListener = {
        ...listener,
        progress: (state) =>
          listener.progress({ ...state, stage: `${state.stage} (${i + 1} of ${requirements.length})` }),
      };
      const library = await downloadWheel(pip, { requirement, platforms }, work, counted, signal);
      files.push(...(await addWheel({ ...installation, listener: counted }, library, name, wantedOfNvidia)));
      wheels.push({ name: library.name, sha256: library.sha256 });
    }
  }
  rmSync(join(work, 'wheels'), { recursive: true, force: true });
  writeCompletion(work, {
    format: 1,
    version,
    platform: `${process.platform}-${process.arch}`,
    installedAt: new Date().toISOString(),
    wheels,
    files,
  });
};

/** Compiles what is not there yet. */
const compile = async (
  folder: string,
  variant: TensorFlowVariant,
  listener: InstallListener,
  signal: AbortSignal | undefined,
): Promise<void> => {
  if (isCompiled(folder, variant)) return;
  const stage = (name: string) =>
    listener.progress({ stage: `Compiling ${name}`, done: 0, total: undefined });
  if (!existsSync(tensorFlowFiles(folder, variant).binding)) {
    stage('the binding to TensorFlow');
    await compileBinding(folder, signal);
  }
  if (isCompiled(folder, variant)) return;
  stage('kernels for this processor');
  await compileKernels(folder, signal);
};

/** Puts the working folder in the place of the installation. */
const putInPlace = (work: string, folder: string): void => {
  const replaced = workFolder(folder, 'replaced');
  rmSync(replaced, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, replaced);
  renameSync(work, folder);
  rmSync(replaced, { recursive: true, force: true });
};

/**
 * Installs one build into a folder, or what is missing of it: all libraries, or only what is compiled after an
 * update of this package. Several processes may do so at once: one works, the others wait and use its result.
 */
export const installBuild = async (
  build: TensorFlowBuild,
  folder: string,
  { force = false, signal, ...options }: Omit<InstallOptions, 'variant'> = {},
): Promise<TensorFlowFiles> => {
  const listener = { ...showInstall(), ...options };
  const variant = build.cuda ? 'gpu' : 'cpu';
  const title = `TensorFlow ${build.version}${build.cuda ? ' for CUDA 12' : ''}`;
  const begun = Date.now();
  const onWait = ({ pid }: { pid: number }) =>
    listener.log(`Process ${pid} is setting up ${title}; waiting for it.`);
  await withLock(
    `${folder}.lock`,
    async () => {
      removeLeftovers(folder);
      const state = installationState(folder);
      if (state === 'ready' && !force) {
        await compile(folder, variant, listener, signal);
        return;
      }
      // Both are looked for before anything is downloaded.
      findCompiler();
      const pip = await findPip(signal);
      if (state === 'incomplete')
        listener.log(`The ${title} in ${folder} is not whole; setting it up again.`);
      const work = workFolder(folder, 'partial');
      try {
        rmSync(work, { recursive: true, force: true });
        mkdirSync(work, { recursive: true });
        requireRoom(work, build.room, title);
        listener.log(
          `Setting up ${title} in ${folder} (once; ${Math.round(build.size / 1e6)} MB${build.cuda ? ' and about 3 GB of NVIDIA libraries' : ''} to download).`,
        );
        await fetchLibraries({ build, work, listener, signal }, pip);
        await compile(work, variant, listener, signal);
        putInPlace(work, folder);
      } catch (cause) {
        signal?.throwIfAborted();
        throw explainFileError(cause, { action: 'write', path: folder, bytes: build.room });
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
      listener.log(`${title} is set up (${Math.round((Date.now() - begun) / 1000)} s).`);
    },
    { onWait, signal },
  );
  return tensorFlowFiles(folder, variant);
};

/**
 * Installs TensorFlow for this user, or completes what is missing of it.
 * @returns Where its files lie.
 * @throws DraftError with one sentence that says what is missing: `DRAFT_RUNTIME_UNSUPPORTED`,
 * `DRAFT_RUNTIME_NO_PIP`, `DRAFT_RUNTIME_NO_COMPILER`, `DRAFT_RUNTIME_NO_NETWORK`, `DRAFT_DISK_FULL`, …
 */
export const installRuntime = async (options: InstallOptions = {}): Promise<TensorFlowFiles> => {
  const { variant = 'cpu', ...rest } = options;
  return installBuild(tensorFlowBuild(variant), runtimeFolder(variant), rest);
};
