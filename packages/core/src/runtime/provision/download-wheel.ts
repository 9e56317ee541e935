import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DraftError } from '../../errors/draft-error.js';
import type { Pip } from './find-pip.js';
import { folderSize } from './folder-size.js';
import type { InstallListener } from './install-progress.js';
import { runProgram } from './run-program.js';
import { wheelPython } from './tensorflow-builds.js';

/** What to download. */
export interface WheelRequest {
  /** In pip's notation: `tensorflow-cpu==2.21.0`. */
  readonly requirement: string;
  readonly platforms: readonly string[];
  /** SHA-256 that the wheel must have, where it is known. */
  readonly sha256?: string;
  /** Its size in bytes, where it is known. */
  readonly size?: number;
}

/** A downloaded wheel. */
export interface Wheel {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
}

const units: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 };

const announcedSize = (output: string): number | undefined => {
  const [, number, unit] = /\(([\d.]+) (kB|MB|GB)\)/.exec(output) ?? [];
  return number && unit ? Number(number) * (units[unit] as number) : undefined;
};

const noNetwork =
  /name resolution|Name or service not known|nodename nor servname|NewConnectionError|ConnectTimeout|ReadTimeout|Connection refused|Network is unreachable|ProxyError|Max retries|connection broken|SSLError|CERTIFICATE_VERIFY_FAILED/i;

const explain = (request: WheelRequest, folder: string, code: number | null, output: string): DraftError => {
  const detail = { cause: new Error(output.trim()) };
  if (/No space left|Disk quota/i.test(output)) {
    return new DraftError(
      'DRAFT_DISK_FULL',
      `The disk is full: ${request.requirement} could not be downloaded into ${folder}. Make room and run again.`,
      detail,
    );
  }
  if (noNetwork.test(output)) {
    return new DraftError(
      'DRAFT_RUNTIME_NO_NETWORK',
      `pip could not reach its package index to download ${request.requirement}: check the network, or pip's proxy and index settings, and run again; \`--backend wasm\` runs the miniature without it.`,
      detail,
    );
  }
  if (/No matching distribution|Could not find a version/i.test(output)) {
    return new DraftError(
      'DRAFT_RUNTIME_NOT_SERVED',
      `pip's package index does not serve ${request.requirement} for this machine: check pip's index settings (\`pip config list\`); \`--backend wasm\` runs the miniature without it.`,
      detail,
    );
  }
  const reason = output
    .split('\n')
    .findLast((line) => /error/i.test(line))
    ?.trim();
  return new DraftError(
    'DRAFT_RUNTIME_DOWNLOAD_FAILED',
    `pip could not download ${request.requirement}: ${reason ?? `exit code ${code}`}`,
    detail,
  );
};

/** SHA-256 of a file, hexadecimal. */
export const hashFile = async (path: string, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
};

/**
 * Downloads one wheel, without what it depends on.
 * @param folder Where it goes; pip's temporary files go there too.
 * @throws DraftError `DRAFT_RUNTIME_NO_NETWORK`, `DRAFT_RUNTIME_NOT_SERVED`, `DRAFT_RUNTIME_HASH_MISMATCH`, …
 */
export const downloadWheel = async (
  pip: Pip,
  request: WheelRequest,
  folder: string,
  listener: InstallListener,
  signal?: AbortSignal,
): Promise<Wheel> => {
  const { requirement, platforms } = request;
  const stage = `Downloading ${requirement.replace(/==/, ' ').replace(/[<>=!].*$/, '')}`;
  const temporary = join(folder, 'tmp');
  const wheels = join(folder, 'wheels');
  for (const path of [temporary, wheels]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  }
  const pipArguments = [
    ...['download', requirement, '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--no-input'],
    ...['--disable-pip-version-check', '--progress-bar', 'off', '--retries', '2', '--dest', wheels],
    ...['--python-version', wheelPython.version, '--implementation', 'cp', '--abi', wheelPython.abi],
    ...platforms.flatMap((platform) => ['--platform', platform]),
  ];
  let total = request.size;
  let done = 0;
  const poll = () => {
    done = Math.max(done, folderSize(temporary), folderSize(wheels));
    listener.progress({ stage, done: Math.min(done, total ?? done), total });
  };
  poll();
  const timer = setInterval(poll, 250);
  try {
    const result = await runProgram(pip.program, [...pip.prefix, ...pipArguments], {
      environment: { ...process.env, TMPDIR: temporary, PIP_QUIET: '0' },
      signal,
      onOutput: (text) => {
        total ??= announcedSize(text);
      },
    });
    if (result.code !== 0) throw explain(request, folder, result.code, result.stderr + result.stdout);
  } finally {
    clearInterval(timer);
    rmSync(temporary, { recursive: true, force: true });
  }
  const name = readdirSync(wheels).find((file) => file.endsWith('.whl'));
  if (!name) {
    throw new DraftError(
      'DRAFT_RUNTIME_DOWNLOAD_FAILED',
      `pip said that it downloaded ${requirement}, but left no wheel.`,
    );
  }
  const path = join(wheels, name);
  const { size } = statSync(path);
  listener.progress({ stage, done: size, total: size });
  const sha256 = await hashFile(path, signal);
  if (request.sha256 && sha256 !== request.sha256) {
    throw new DraftError(
      'DRAFT_RUNTIME_HASH_MISMATCH',
      `${name} is not the file that @draft knows: its SHA-256 is ${sha256} instead of ${request.sha256}; check pip's index settings (\`pip config list\`) and run again.`,
    );
  }
  return { path, name, sha256 };
};
