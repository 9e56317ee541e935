import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { HubOptions } from '../../contracts/hub-options.js';
import { DraftError } from '../../errors/draft-error.js';
import { makeFolder } from '../../files/make-folder.js';
import { withLock } from '../../files/with-lock.js';
import { writeFileAtomically } from '../../files/write-file-atomically.js';
import { downloadBlob } from './download-blob.js';
import { badAnswer, type HubWish, hubError, isAnswer } from './hub-error.js';
import { type HubReference, hubName } from './hub-reference.js';
import { hubSettings } from './hub-settings.js';

/** A repository of the Hub at one commit, in the cache that Hugging Face's own programs share. */
export interface HubRepo {
  /**
   * A file of the repository, downloaded where the cache does not have it.
   * @returns Its path on this machine; null where the repository has no such file (offline: where the cache has not).
   */
  file(path: string): Promise<string | null>;
  /** The cache's folder of the commit; files are there once they have been asked for. */
  folder(): Promise<string>;
}

const commitPattern = /^[0-9a-f]{40}$/;

/** A server may close an idle connection at the moment when it is used again: such a request is sent once more. */
const patientFetch =
  (signal: AbortSignal | undefined): typeof fetch =>
  async (input, init) => {
    const options = signal ? { ...init, signal } : init;
    try {
      return await fetch(input, options);
    } catch (cause) {
      const code = (cause as { cause?: { code?: unknown } }).cause?.code;
      if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET') throw cause;
      return await fetch(input, options);
    }
  };

/** Puts a finished file where the commit has it, without a second copy where the system allows it. */
function linkBlob(blob: string, pointer: string): void {
  if (existsSync(pointer)) return;
  makeFolder(dirname(pointer));
  for (const make of [
    () => symlinkSync(relative(dirname(pointer), blob), pointer),
    () => linkSync(blob, pointer),
    () => copyFileSync(blob, pointer),
  ]) {
    try {
      make();
      return;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    }
  }
  throw new DraftError('DRAFT_FILE_FAILED', `${pointer} cannot be written.`);
}

/**
 * Opens a repository of the Hub. Nothing is asked of the network before the first file is; a revision that moves, as
 * `main` does, is looked up once.
 * @throws DraftError from its functions: `DRAFT_HUB_NOT_FOUND`, `DRAFT_HUB_FORBIDDEN`, `DRAFT_HUB_OFFLINE`,
 * `DRAFT_HUB_FAILED`, `DRAFT_HUB_DAMAGED`, each with the repository and the file.
 */
export function openHubRepo(reference: Omit<HubReference, 'path'>, options: HubOptions = {}): HubRepo {
  const { repo, revision } = reference;
  const { endpoint, token, secret, offline, cache } = hubSettings(options);
  const { signal, commits, onProgress = () => {} } = options;
  const storage = join(cache, `models--${repo.replaceAll('/', '--')}`);
  const refFile = join(storage, 'refs', revision);
  const absent = (sha: string, path: string): string => join(storage, '.no_exist', sha, path);
  const access = () => {
    const accessToken = token();
    return { hubUrl: endpoint, fetch: patientFetch(signal), ...(accessToken ? { accessToken } : {}) };
  };
  const wish = (path: string | null): HubWish => ({ repo, revision, path, endpoint, secret });
  const knownCommit = (): string | undefined => {
    const agreed = commits?.get(hubName(reference));
    if (agreed !== undefined) return agreed;
    if (commitPattern.test(revision)) return revision;
    const text = existsSync(refFile) ? readFileSync(refFile, 'utf8').trim() : '';
    return commitPattern.test(text) ? text : undefined;
  };
  const missingOffline = (path: string | null) =>
    new DraftError(
      'DRAFT_HUB_OFFLINE',
      `${hubName(reference, path)} is not in the cache ${cache}, and HF_HUB_OFFLINE forbids to download it. Unset ` +
        'it, or download the file by other means and give its path.',
    );

  const lookUp = async (path: string | null): Promise<string> => {
    const known = knownCommit();
    if (offline && known === undefined) throw missingOffline(path);
    if (known !== undefined && (offline || known === revision || commits?.has(hubName(reference))))
      return known;
    try {
      const { modelInfo } = await import('@huggingface/hub');
      const { sha } = await modelInfo({ name: repo, revision, additionalFields: ['sha'], ...access() });
      if (!commitPattern.test(sha)) throw badAnswer('its answer names no commit');
      makeFolder(dirname(refFile));
      writeFileAtomically(refFile, sha);
      return sha;
    } catch (cause) {
      // Without a network, what was looked up last is better than nothing.
      if (known !== undefined && !isAnswer(cause) && !DraftError.is(cause) && !signal?.aborted) return known;
      throw hubError(cause, wish(path));
    }
  };
  let commit: Promise<string> | undefined;
  const resolved = (path: string | null): Promise<string> => {
    commit ??= lookUp(path).then(
      (sha) => {
        commits?.set(hubName(reference), sha);
        return sha;
      },
      (cause: unknown) => {
        commit = undefined;
        throw cause;
      },
    );
    return commit;
  };

  const download = async (path: string, sha: string, pointer: string): Promise<string | null> => {
    const { downloadFile, pathsInfo } = await import('@huggingface/hub');
    const at = { repo, revision: sha, ...access() };
    const [info] = await pathsInfo({ ...at, paths: [path] });
    if (info?.type !== 'file') {
      // As in Python's cache: what a commit lacks need not be asked for again, also without a network.
      makeFolder(dirname(absent(sha, path)));
      writeFileAtomically(absent(sha, path), '');
      return null;
    }
    const value = info.lfs?.oid ?? info.oid;
    if (value === undefined || !/^[0-9a-f]{40,64}$/.test(value)) throw badAnswer('its answer names no hash');
    const blob = join(storage, 'blobs', value);
    mkdirSync(dirname(blob), { recursive: true });
    await withLock(
      `${blob}.draft-lock`,
      async () => {
        if (existsSync(blob)) return;
        const name = hubName(reference, path);
        await downloadBlob({
          name,
          path: blob,
          size: info.lfs?.size ?? info.size,
          hash: { kind: info.lfs ? 'sha256' : 'git', value },
          stream: async (from) => {
            const content = await downloadFile({ ...at, path, xet: false });
            if (!content) throw badAnswer('the file is gone');
            return (from === 0 ? content : content.slice(from)).stream() as ReadableStream<Uint8Array>;
          },
          onProgress: (received) => onProgress({ name, received, total: info.lfs?.size ?? info.size }),
        });
      },
      { signal },
    );
    linkBlob(blob, pointer);
    return pointer;
  };

  return {
    folder: async () => join(storage, 'snapshots', await resolved(null)),
    async file(path) {
      const sha = await resolved(path);
      const pointer = join(storage, 'snapshots', sha, path);
      if (existsSync(pointer)) return pointer;
      if (offline || existsSync(absent(sha, path))) return null;
      try {
        return await download(path, sha, pointer);
      } catch (cause) {
        throw hubError(cause, wish(path));
      }
    },
  };
}
