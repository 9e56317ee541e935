import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TensorFlowBuild } from '../../src/runtime/provision/tensorflow-builds.js';
import { makeZip, type ZipFile } from './make-zip.js';

/** Called as `python3 -m pip COMMAND REQUIREMENT …`; `FAKE_PIP` says what goes wrong. */
const python = String.raw`
[ "$FAKE_PIP" = none ] && { echo 'No module named pip' >&2; exit 1; }
if [ "$3" = --version ]; then
  [ "$FAKE_PIP" = old ] && echo 'pip 9.0.1 from here' || echo 'pip 24.0 from here'
  exit 0
fi
wanted=$4
echo "$wanted" >> "$FAKE_HOME/downloads.log"
if [ "$FAKE_PIP" = offline ]; then
  echo 'WARNING: Retrying after connection broken by NewConnectionError: Temporary failure in name resolution' >&2
  echo "ERROR: No matching distribution found for $wanted" >&2
  exit 1
fi
[ "$FAKE_PIP" = hang ] && exec /bin/sleep 60
[ "$FAKE_PIP" = slow ] && /bin/sleep 0.5
project=\${wanted%%[<>=!~]*}
while :; do case $project in *-*) project=\${project%%-*}_\${project#*-};; *) break;; esac; done
while [ "$1" != --dest ]; do shift; done
for wheel in "$FAKE_HOME/index/$project"-*; do
  [ -e "$wheel" ] || { echo "ERROR: No matching distribution found for $wanted" >&2; exit 1; }
  echo "  Downloading it (0.5 kB)"
  /bin/cp "$wheel" "$2/"
done
`.replaceAll('\\$', '$');

const compiler = `
if [ "$FAKE_COMPILER" = broken ]; then
  echo 'In file included from x.cc:1:' >&2
  echo 'x.cc:4:10: fatal error: dlfcn.h: No such file or directory' >&2
  exit 1
fi
if [ "$FAKE_COMPILER" = old ]; then
  for flag in "$@"; do
    [ "$flag" = -mavx512bf16 ] && { echo "c++: error: unrecognized command line option '$flag'" >&2; exit 1; }
  done
fi
echo "$*" >> "$FAKE_HOME/compiler.log"
while [ "$1" != -o ]; do shift; done
echo compiled > "$2"
`;

/** A machine of its own in a folder: programs, a package index of tiny wheels, and a place to install into. */
export interface Workshop {
  readonly home: string;
  /** The folder of the installation. */
  readonly folder: string;
  /** Environment under which only the stand-ins are found. */
  readonly environment: Record<string, string>;
  readonly build: TensorFlowBuild;
  /** Puts a wheel into the index and returns its hash. */
  addWheel(name: string, files: readonly ZipFile[] | Buffer): string;
  removeProgram(name: 'python3' | 'c++'): void;
  /** What was asked of pip. */
  downloads(): string[];
  /** What was asked of the compiler, where it did it. */
  compilations(): string[];
  /** What lies beside and in place of the installation. */
  neighbours(): string[];
  /** Text of an installed file. */
  read(path: string): string;
  remove(): void;
}

/** The files of a wheel like TensorFlow's. */
export const tensorFlowWheel = (metadata = ''): ZipFile[] => [
  { name: 'tensorflow/libtensorflow_cc.so.2', content: 'the runtime '.repeat(500), mode: 0o755 },
  { name: 'tensorflow/libtensorflow_framework.so.2', content: 'the framework', deflate: false },
  { name: 'tensorflow/THIRD_PARTY_NOTICES.txt', content: 'thanks' },
  { name: 'tensorflow/python/large.py', content: 'not needed' },
  { name: 'tensorflow-1.0.dist-info/METADATA', content: metadata },
];

/** Makes a workshop. */
export const createWorkshop = (
  options: { readonly cuda?: boolean; readonly metadata?: string } = {},
): Workshop => {
  const home = mkdtempSync(join(tmpdir(), 'draft-workshop-'));
  const bin = join(home, 'bin');
  const index = join(home, 'index');
  mkdirSync(bin);
  mkdirSync(index);
  const addProgram = (name: string, script: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}`, { mode: 0o755 });
  addProgram('python3', python);
  addProgram('c++', compiler);
  const addWheel = (name: string, files: readonly ZipFile[] | Buffer) => {
    const archive = Buffer.isBuffer(files) ? files : makeZip(files);
    writeFileSync(join(index, name), archive);
    return createHash('sha256').update(archive).digest('hex');
  };
  const sha256 = addWheel('tensorflow-1.0-cp312-cp312-any.whl', tensorFlowWheel(options.metadata));
  const folder = join(home, 'runtime', 'tensorflow');
  const logged = (name: string): string[] => {
    const log = join(home, name);
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  };
  return {
    home,
    folder,
    environment: {
      // What the machine of the test can is another matter.
      DRAFT_KERNELS: 'off',
      PATH: bin,
      FAKE_HOME: home,
      FAKE_PIP: '',
      FAKE_COMPILER: '',
      CXX: '',
    },
    build: {
      project: 'tensorflow',
      version: '1.0',
      platforms: ['any'],
      sha256,
      size: 500,
      room: 1e6,
      libraries: { framework: 'libtensorflow_framework.so.2', runtime: 'libtensorflow_cc.so.2' },
      cuda: options.cuda ?? false,
    },
    addWheel,
    removeProgram: (name) => rmSync(join(bin, name)),
    downloads: () => logged('downloads.log'),
    compilations: () => logged('compiler.log'),
    neighbours: () =>
      existsSync(dirname(folder))
        ? readdirSync(dirname(folder))
            .map((name) => name.replace(basename(folder), 'installation'))
            .sort()
        : [],
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
};

/** The number of a process that has ended. */
export const deadProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid;
