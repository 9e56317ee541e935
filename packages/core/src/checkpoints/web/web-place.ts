import { existsSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { HubOptions } from '../../contracts/hub-options.js';
import { DraftError } from '../../errors/draft-error.js';
import { makeFolder } from '../../files/make-folder.js';
import { withLock } from '../../files/with-lock.js';
import { writeFileAtomically } from '../../files/write-file-atomically.js';
import type { CheckpointPlace } from '../checkpoint-place.js';
import { hashFile } from '../hash-file.js';
import { hubSettings } from '../hub/hub-settings.js';
import { forgetWebFile, receiveWebFile } from './receive-web-file.js';
import { parseWebAddress, type WebAddress, webCachePath } from './web-address.js';

const failed = (url: URL, why: string): DraftError =>
  new DraftError(
    'DRAFT_DOWNLOAD_FAILED',
    `${url.href} cannot be had: ${why}. Download it, and the files that belong beside it, by other means and give its path.`,
  );

/** The SHA-256 that a file had when it arrived stands beside it, as `sha256sum` writes it. */
const recordPath = (path: string): string => `${path}.sha256`;

const recorded = (path: string): string | undefined =>
  existsSync(recordPath(path))
    ? /^[0-9a-f]{64}(?= )/.exec(readFileSync(recordPath(path), 'utf8'))?.[0]
    : undefined;

const record = (path: string, hash: string): void =>
  writeFileAtomically(recordPath(path), `${hash}  ${basename(path)}\n`);

/** Whether a file that has been downloaded before is still what it was, and what is known of it. */
async function isSound(path: string, { hash: wanted }: WebAddress): Promise<boolean> {
  const hash = await hashFile(path, 'sha256');
  const before = recorded(path);
  if (hash !== (before ?? hash) || !hash.startsWith(wanted?.value ?? '')) return false;
  if (before === undefined) record(path, hash);
  return true;
}

/** Brings a file to its place, with the record of its hash; false where the server has none. */
async function bring(path: string, { url, hash: wanted }: WebAddress, options: HubOptions): Promise<boolean> {
  const incomplete = `${path}.incomplete`;
  const fail = (why: string) => failed(url, why);
  for (let resumed = existsSync(incomplete); ; resumed = false) {
    const there = await receiveWebFile({
      url,
      path: incomplete,
      signal: options.signal,
      onProgress: (received, total) => options.onProgress?.({ name: url.href, received, total }),
      failed: fail,
    });
    if (!there) return false;
    const hash = await hashFile(incomplete, 'sha256');
    if (hash.startsWith(wanted?.value ?? '')) {
      record(path, hash);
      renameSync(incomplete, path);
      forgetWebFile(incomplete);
      return true;
    }
    forgetWebFile(incomplete);
    // What an earlier attempt left may have been another file.
    if (!resumed) throw fail(`what arrived has another SHA-256 than ${wanted?.from} and was thrown away`);
  }
}

const download = async (address: WebAddress, options: HubOptions): Promise<string | null> => {
  const { url } = address;
  const path = webCachePath(url);
  const { offline } = hubSettings(options);
  const forbidden = 'and HF_HUB_OFFLINE forbids to download it';
  const isThere = async () => existsSync(path) && (await isSound(path, address));
  if (await isThere()) return path;
  if (offline) {
    const why = existsSync(path)
      ? `${path} has another SHA-256 than it should have, ${forbidden} again`
      : `it is not in the cache, ${forbidden}`;
    throw failed(url, why);
  }
  makeFolder(dirname(path));
  try {
    // Another process may have brought it meanwhile; what is not sound is replaced when the whole file has come.
    const bringOnce = async () => (await isThere()) || (await bring(path, address, options));
    return (await withLock(`${path}.draft-lock`, bringOnce, { signal: options.signal })) ? path : null;
  } catch (cause) {
    if (DraftError.is(cause)) throw cause;
    const { name, message } = cause instanceof Error ? cause : { name: '', message: 'no answer' };
    if (name === 'AbortError')
      throw new DraftError('DRAFT_INTERRUPTED', `The download of ${url.href} was interrupted.`);
    throw failed(url, message);
  }
};

/**
 * A file or folder of the web, kept under `downloads` of the cache. A file is compared with the hash that is known of it,
 * `https://…#sha256=…` or as PyTorch writes it in names; of any other, its length is checked when it arrives, and its hash
 * recorded. Each use compares it with that.
 * @throws DraftError `DRAFT_REFERENCE_INVALID`.
 */
export const webPlace = (text: string, options: HubOptions): CheckpointPlace => {
  const address = parseWebAddress(text);
  const { url } = address;
  const single = /\.\w+$/.test(basename(url.pathname)) ? basename(url.pathname) : null;
  const base = single === null ? new URL(`${url.origin}${url.pathname.replace(/\/+$/, '')}/`) : url;
  const beside = (name: string): WebAddress =>
    parseWebAddress(new URL(name.split('/').map(encodeURIComponent).join('/'), base).href);
  if (single === null && address.hash) {
    throw new DraftError(
      'DRAFT_REFERENCE_INVALID',
      `${JSON.stringify(text)} is a folder of the web, which has no hash; write the address of a file before #sha256=.`,
    );
  }
  return {
    name: url.href,
    single,
    file: (name) => download(name === single ? address : beside(name), options),
    called: (name) => (name === single ? url : beside(name).url).href,
    // A file that is missing is refused there and then, with its address.
    onlyCache: null,
  };
};
