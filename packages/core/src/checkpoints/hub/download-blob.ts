import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { DraftError } from '../../errors/draft-error.js';
import { explainFileError } from '../../files/explain-file-error.js';
import { hashFile } from '../hash-file.js';
import { badAnswer } from './hub-error.js';

/** A file of the Hub as it must be when it has arrived. */
export interface BlobToDownload {
  /** How messages call it. */
  readonly name: string;
  /** Where it goes; until it is whole it has `.incomplete` behind its name. */
  readonly path: string;
  readonly size: number;
  /** Hash of the content (`sha256`), or of git's object around it (`git`). */
  readonly hash: { readonly kind: 'sha256' | 'git'; readonly value: string };
  /** Opens the content from a byte on. */
  readonly stream: (from: number) => Promise<ReadableStream<Uint8Array>>;
  readonly onProgress: (received: number) => void;
}

/** How often in a row a connection may break without a byte having arrived. */
const mostFutileAttempts = 3;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const hashOf = (path: string, { hash, size }: BlobToDownload): Promise<string> =>
  hash.kind === 'git' ? hashFile(path, 'sha1', `blob ${size}\0`) : hashFile(path, 'sha256');

/** Appends what arrives; what is written stays, also where the connection breaks. */
async function receive(path: string, blob: BlobToDownload): Promise<void> {
  let received = sizeOf(path);
  blob.onProgress(received);
  const file = await open(path, 'a');
  try {
    const reader = (await blob.stream(received)).getReader();
    let whole = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        whole = done;
        // A server that ignores where to begin sends more; the hash tells then.
        if (done || received === blob.size) return;
        const piece = value.subarray(0, blob.size - received);
        await file.write(piece).catch((cause: unknown) => {
          throw explainFileError(cause, { action: 'write', path, bytes: blob.size });
        });
        received += piece.length;
        blob.onProgress(received);
      }
    } finally {
      if (!whole) reader.cancel().catch(() => {});
    }
  } finally {
    await file.close();
  }
}

/**
 * Downloads a file, going on where an earlier attempt ended, and puts it into its place once its hash is right.
 * @throws DraftError `DRAFT_HUB_DAMAGED` where what arrives twice has another hash; what the stream throws.
 */
export async function downloadBlob(blob: BlobToDownload): Promise<void> {
  const incomplete = `${blob.path}.incomplete`;
  for (let fresh = sizeOf(incomplete) === 0; ; fresh = true) {
    if (sizeOf(incomplete) > blob.size) rmSync(incomplete);
    let futile = 0;
    while (sizeOf(incomplete) < blob.size || !existsSync(incomplete)) {
      const before = sizeOf(incomplete);
      try {
        await receive(incomplete, blob);
      } catch (cause) {
        if (DraftError.is(cause)) throw cause;
        futile = sizeOf(incomplete) > before ? 0 : futile + 1;
        if (futile >= mostFutileAttempts || (cause as Error | null)?.name === 'AbortError') throw cause;
        continue;
      }
      futile = sizeOf(incomplete) > before || blob.size === 0 ? 0 : futile + 1;
      if (futile >= mostFutileAttempts) throw badAnswer('the connection ends without data');
    }
    if ((await hashOf(incomplete, blob)) === blob.hash.value) break;
    rmSync(incomplete);
    if (fresh) {
      throw new DraftError(
        'DRAFT_HUB_DAMAGED',
        `${blob.name} arrived with another ${blob.hash.kind === 'git' ? 'SHA-1' : 'SHA-256'} than the Hub gives ` +
          'for it and was thrown away. Try again, or another network.',
      );
    }
  }
  renameSync(incomplete, blob.path);
}
