import { createHash } from 'node:crypto';
import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { HubOptions } from '../contracts/hub-options.js';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from '../files/explain-file-error.js';
import { makeFolder } from '../files/make-folder.js';
import { withLock } from '../files/with-lock.js';
import { cacheFolder } from '../runtime/provision/runtime-folder.js';
import type { CheckpointPlace } from './checkpoint-place.js';
import { hubSettings } from './hub/hub-settings.js';

/** Whether a text is an address of the web. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//.test(text);

/** Where a file of the web is kept. */
const cachePath = ({ host, pathname }: URL): string =>
  join(
    cacheFolder(),
    'downloads',
    ...`${host}${pathname}`.split('/').map((part) => part.replace(/[^\w.-]|^\.+$/g, '_')),
  );

const failed = (url: URL, why: string): DraftError =>
  new DraftError(
    'DRAFT_DOWNLOAD_FAILED',
    `${url.href} cannot be had: ${why}. Download it, and the files that belong beside it, by other means and give its path.`,
  );

/** Writes what arrives; null where the server has no such file. */
const receive = async (
  url: URL,
  path: string,
  { signal, onProgress }: HubOptions,
): Promise<string | null> => {
  const response = await fetch(url, signal ? { signal } : {});
  if (response.status === 404) return null;
  if (!response.ok || !response.body) throw failed(url, `the server answered ${response.status}`);
  const encoded = response.headers.get('content-encoding') !== null;
  const length = encoded ? 0 : Number(response.headers.get('content-length'));
  const file = await open(path, 'w').catch((cause: unknown) => {
    throw explainFileError(cause, { action: 'write', path });
  });
  let received = 0;
  try {
    for await (const piece of response.body) {
      await file.write(piece).catch((cause: unknown) => {
        throw explainFileError(cause, { action: 'write', path });
      });
      received += piece.length;
      onProgress?.({ name: url.href, received, total: Math.max(length, received) });
    }
  } finally {
    await file.close();
  }
  if (length > 0 && received !== length) throw failed(url, `it ended after ${received} of ${length} bytes`);
  return path;
};

/** PyTorch's published files bear the beginning of their SHA-256: `alexnet-owt-7be5be79.pth`. */
const checkHash = async (url: URL, path: string): Promise<void> => {
  const [, wanted] = /-([0-9a-f]{8,64})\.pth$/.exec(url.pathname) ?? [];
  if (wanted === undefined) return;
  const digest = createHash('sha256');
  for await (const piece of createReadStream(path)) digest.update(piece as Buffer);
  if (!digest.digest('hex').startsWith(wanted))
    throw failed(url, 'what arrived has another SHA-256 than its name says');
};

const download = async (url: URL, options: HubOptions): Promise<string | null> => {
  const path = cachePath(url);
  if (existsSync(path)) return path;
  if (hubSettings(options).offline)
    throw failed(url, 'it is not in the cache, and HF_HUB_OFFLINE forbids to download it');
  makeFolder(dirname(path));
  return withLock(
    `${path}.draft-lock`,
    async () => {
      if (existsSync(path)) return path;
      const incomplete = `${path}.incomplete`;
      try {
        if ((await receive(url, incomplete, options)) === null) return null;
        await checkHash(url, incomplete);
        renameSync(incomplete, path);
        return path;
      } catch (cause) {
        rmSync(incomplete, { force: true });
        if (DraftError.is(cause)) throw cause;
        const { name, message } = cause instanceof Error ? cause : { name: '', message: 'no answer' };
        if (name === 'AbortError')
          throw new DraftError('DRAFT_INTERRUPTED', `The download of ${url.href} was interrupted.`);
        const code = (cause as { cause?: { code?: unknown } } | null)?.cause?.code;
        throw failed(url, typeof code === 'string' ? code : message);
      }
    },
    { signal: options.signal },
  );
};

/** A file or folder of the web, kept under `downloads` of the cache. */
export const webPlace = (text: string, options: HubOptions): CheckpointPlace => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined)
    throw new DraftError('DRAFT_REFERENCE_INVALID', `${JSON.stringify(text)} is no address of the web.`);
  const isFile = /\.\w+$/.test(basename(url.pathname));
  const base = isFile ? url : new URL(`${url.href.replace(/\/+$/, '')}/`);
  return {
    name: text,
    single: isFile ? basename(url.pathname) : null,
    file: (name) => download(new URL(name.split('/').map(encodeURIComponent).join('/'), base), options),
  };
};
