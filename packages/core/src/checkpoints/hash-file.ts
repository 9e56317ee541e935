import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { explainFileError } from '../files/explain-file-error.js';

/**
 * Hashes a file in pieces; hexadecimal.
 * @param before What is hashed before the content. @default nothing
 * @throws DraftError where it cannot be read.
 */
export async function hashFile(path: string, algorithm: 'sha1' | 'sha256', before = ''): Promise<string> {
  const digest = createHash(algorithm).update(before);
  try {
    for await (const piece of createReadStream(path)) digest.update(piece as Buffer);
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  return digest.digest('hex');
}
