import { DraftError } from '../../errors/draft-error.js';
import { findProgram } from './find-program.js';
import { runProgram } from './run-program.js';

/** How pip is called here. */
export interface Pip {
  readonly program: string;
  /** Arguments that come before pip's own. */
  readonly prefix: readonly string[];
  readonly version: string;
}

const candidates: readonly (readonly [string, ...string[]])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

/** The first pip that choosing between several platform tags needs. */
const oldest = [20, 3] as const;

const isRecent = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
};

/**
 * Finds the user's pip, which knows their package index, proxy and certificates.
 * @throws DraftError `DRAFT_RUNTIME_NO_PIP`.
 */
export const findPip = async (signal?: AbortSignal): Promise<Pip> => {
  let tooOld = '';
  for (const [name, ...prefix] of candidates) {
    const program = findProgram([name]);
    if (!program) continue;
    const result = await runProgram(program, [...prefix, '--version'], { signal }).catch((error) => {
      signal?.throwIfAborted();
      return { code: -1, stdout: '', stderr: String(error) };
    });
    const version = /^pip (\d+\.[\d.]+)/m.exec(result.stdout)?.[1];
    if (result.code !== 0 || !version) continue;
    if (isRecent(version)) return { program, prefix, version };
    tooOld = version;
  }
  const found = tooOld
    ? `pip ${tooOld} is too old: 20.3 or newer is needed`
    : 'neither python3 with pip nor pip3 is there';
  const install =
    process.platform === 'darwin'
      ? '`xcode-select --install` or `brew install python`'
      : '`apt-get install python3-pip` on Debian and Ubuntu, `dnf install python3-pip` on Fedora';
  throw new DraftError(
    'DRAFT_RUNTIME_NO_PIP',
    `TensorFlow is downloaded by pip, once, and ${found}: install it (${install}) and run again; \`--backend wasm\` runs the miniature without it.`,
  );
};
