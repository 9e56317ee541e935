import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { DraftError } from '../../errors/draft-error.js';
import { explainFileError } from '../../files/explain-file-error.js';

/** A file that is to come from the web. */
export interface WebFile {
  readonly url: URL;
  /** Where it goes. What tells it from a later state of the file stands beside it, in `PATH.validator`. */
  readonly path: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (received: number, total: number) => void;
  /** An error with these words. */
  readonly failed: (why: string) => DraftError;
}

/** How often in a row a connection may break without a byte having arrived. */
const mostFutileAttempts = 3;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const validatorPath = (path: string): string => `${path}.validator`;

/** Takes away what has arrived. */
export function forgetWebFile(path: string): void {
  for (const each of [validatorPath(path), path]) rmSync(each, { force: true });
}

/** What a server is shown so that it goes on only with the same file; empty where it gives nothing of the kind. */
const validatorOf = ({ headers }: Response): string => {
  const tag = headers.get('etag') ?? '';
  return tag.startsWith('"') ? tag : (headers.get('last-modified') ?? '');
};

/** Bytes that the whole file has, as the answer says; 0 where it does not. */
const totalOf = (response: Response): number => {
  const [, total = '0'] = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  if (response.status !== 200) return Number(total);
  // An encoded body has another length than the file.
  return response.headers.get('content-encoding') ? 0 : Number(response.headers.get('content-length') ?? 0);
};

function writeValidator(path: string, validator: string): void {
  try {
    writeFileSync(validatorPath(path), validator);
  } catch (cause) {
    throw explainFileError(cause, { action: 'write', path: validatorPath(path) });
  }
}

async function append(response: Response, file: WebFile, from: number, total: number): Promise<number> {
  const { path, onProgress, failed } = file;
  const wrong = (cause: unknown) => explainFileError(cause, { action: 'write', path });
  const target = await open(path, from === 0 ? 'w' : 'a').catch((cause: unknown) => {
    throw wrong(cause);
  });
  let received = from;
  onProgress(received, Math.max(total, received));
  try {
    for await (const piece of response.body ?? []) {
      await target.write(piece).catch((cause: unknown) => {
        throw wrong(cause);
      });
      received += piece.length;
      if (total > 0 && received > total) {
        throw failed(`more than the ${total} bytes have come that the server announced`);
      }
      onProgress(received, Math.max(total, received));
    }
  } finally {
    await target.close();
  }
  return received;
}

/** One request. Null where there is no such file; else what has arrived of it, and whether that is all. */
async function attempt(file: WebFile): Promise<{ readonly received: number; readonly total: number } | null> {
  const { url, path, signal, failed } = file;
  const known = existsSync(validatorPath(path)) ? readFileSync(validatorPath(path), 'utf8') : '';
  const have = known ? sizeOf(path) : 0;
  const response = await fetch(url, {
    headers: {
      'accept-encoding': 'identity',
      ...(have > 0 ? { range: `bytes=${have}-`, 'if-range': known } : {}),
    },
    ...(signal ? { signal } : {}),
  });
  const total = totalOf(response);
  if (have > 0 && response.status === 416 && total === have) return { received: have, total };
  const range = response.headers.get('content-range') ?? '';
  if (have > 0 && (response.status === 416 || response.status === 206)) {
    if (response.status === 206 && range.startsWith(`bytes ${have}-`))
      return { received: await append(response, file, have, total), total };
    // What it goes on with is not what was asked for: from the beginning, then.
    await response.body?.cancel();
    forgetWebFile(path);
    return attempt(file);
  }
  if (response.status === 404) return null;
  if (response.status !== 200) throw failed(`the server answered ${response.status}`);
  forgetWebFile(path);
  const validator = response.headers.get('content-encoding') ? '' : validatorOf(response);
  if (validator) writeValidator(path, validator);
  return { received: await append(response, file, 0, total), total };
}

/**
 * Receives a file of the web, going on where an earlier attempt ended, if the server still has the same file and can.
 * @returns Whether there is such a file.
 * @throws DraftError that `failed` makes, or of the disk; `AbortError`.
 */
export async function receiveWebFile(file: WebFile): Promise<boolean> {
  let most = existsSync(validatorPath(file.path)) ? sizeOf(file.path) : 0;
  for (let futile = 0; ; ) {
    let ended: string;
    try {
      const result = await attempt(file);
      if (result === null) return false;
      const { received, total } = result;
      if (total === 0 || received === total) return true;
      ended = `it ended after ${received} of ${total} bytes`;
    } catch (cause) {
      if (DraftError.is(cause) || (cause as Error | null)?.name === 'AbortError') throw cause;
      const code = (cause as { cause?: { code?: unknown } } | null)?.cause?.code;
      ended = typeof code === 'string' ? code : 'the connection broke';
    }
    const size = sizeOf(file.path);
    futile = size > most ? 0 : futile + 1;
    most = Math.max(most, size);
    if (futile < mostFutileAttempts) continue;
    const isKept = size > 0 && existsSync(validatorPath(file.path));
    throw file.failed(isKept ? `${ended}; try again, as what has arrived is kept` : ended);
  }
}
