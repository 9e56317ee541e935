import { DraftError } from '../../errors/draft-error.js';
import { type TensorFlowVariant, tensorFlowVersion } from './runtime-folder.js';

/** One build of TensorFlow, as the package index serves it. */
export interface TensorFlowBuild {
  /** Name of the package, `tensorflow-cpu` or `tensorflow`. */
  readonly project: string;
  readonly version: string;
  /** Platform tags that pip may choose from, newest first. */
  readonly platforms: readonly string[];
  /** SHA-256 of the wheel, hexadecimal; a download with another is refused. */
  readonly sha256: string;
  /** Size of the wheel, bytes. */
  readonly size: number;
  /** Room that the whole installation needs while it is made, bytes. */
  readonly room: number;
  /** Names of the two libraries inside the wheel's `tensorflow` folder. */
  readonly libraries: { readonly framework: string; readonly runtime: string };
  /** Whether the libraries that the wheel names under `and-cuda` belong to it. */
  readonly cuda: boolean;
}

/**
 * The Python whose wheels are taken, on any machine: nothing of Python is in the libraries, and fixing it fixes
 * the hashes.
 */
export const wheelPython = { version: '3.12', abi: 'cp312' } as const;

const onLinux = { framework: 'libtensorflow_framework.so.2', runtime: 'libtensorflow_cc.so.2' };
const onMac = { framework: 'libtensorflow_framework.2.dylib', runtime: 'libtensorflow_cc.2.dylib' };

const policies = ['2_27', '2_26', '2_25', '2_24', '2_17', '2014'];

const manylinux = (processor: string) =>
  policies.map((policy) => `manylinux${policy.includes('_') ? '_' : ''}${policy}_${processor}`);

const builds: Readonly<Record<string, TensorFlowBuild>> = {
  'linux-x64-cpu': {
    project: 'tensorflow-cpu',
    version: tensorFlowVersion,
    platforms: manylinux('x86_64'),
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    size: 274_000_871,
    room: 1.5e9,
    libraries: onLinux,
    cuda: false,
  },
  'linux-x64-gpu': {
    project: 'tensorflow',
    version: tensorFlowVersion,
    platforms: manylinux('x86_64'),
    sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
    size: 572_611_111,
    room: 9e9,
    libraries: onLinux,
    cuda: true,
  },
  'linux-arm64-cpu': {
    project: 'tensorflow',
    version: tensorFlowVersion,
    platforms: manylinux('aarch64'),
    sha256: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
    size: 281_946_471,
    room: 1.5e9,
    libraries: onLinux,
    cuda: false,
  },
  'darwin-arm64-cpu': {
    project: 'tensorflow',
    version: tensorFlowVersion,
    platforms: ['macosx_14_0_arm64', 'macosx_13_0_arm64', 'macosx_12_0_arm64'],
    sha256: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
    size: 223_488_205,
    room: 1.4e9,
    libraries: onMac,
    cuda: false,
  },
};

/** The names of the libraries on this platform. */
export const libraryNames = (platform: NodeJS.Platform = process.platform) =>
  platform === 'darwin' ? onMac : onLinux;

/** A machine, as far as it decides which build runs on it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Version of the GNU C library, undefined where there is another one or none. */
  readonly glibc: string | undefined;
}

/** The machine that this process runs on. */
const thisMachine = (): Machine => {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return { platform: process.platform, arch: process.arch, glibc: header.glibcVersionRuntime };
};

/**
 * The build for a machine.
 * @throws DraftError `DRAFT_RUNTIME_UNSUPPORTED` where TensorFlow publishes none.
 */
export const tensorFlowBuild = (
  variant: TensorFlowVariant,
  machine: Machine = thisMachine(),
): TensorFlowBuild => {
  const { platform, arch, glibc } = machine;
  const refuse = (reason: string) =>
    new DraftError(
      'DRAFT_RUNTIME_UNSUPPORTED',
      `${reason}; \`--backend wasm\` runs the miniature without it.`,
    );
  const build = builds[`${platform}-${arch}-${variant}`];
  if (!build && variant === 'gpu') {
    throw refuse(
      `TensorFlow's CUDA build exists for Linux on x86-64 only, and this machine is ${platform} on ${arch}`,
    );
  }
  if (!build) {
    const hint = platform === 'win32' ? ' (on Windows, run inside WSL)' : '';
    throw refuse(
      `TensorFlow ${tensorFlowVersion} exists for Linux on x86-64 and arm64 and for macOS on Apple silicon, and this machine is ${platform} on ${arch}${hint}`,
    );
  }
  if (platform === 'linux') {
    if (!glibc) {
      throw refuse('TensorFlow needs the GNU C library, which this Linux does without (Alpine uses musl)');
    }
    const [major = 0, minor = 0] = glibc.split('.').map(Number);
    if (major < 2 || (major === 2 && minor < 27)) {
      throw refuse(`TensorFlow needs the GNU C library 2.27 or newer, and this machine has ${glibc}`);
    }
  }
  return build;
};
