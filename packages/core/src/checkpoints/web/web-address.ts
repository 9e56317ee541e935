import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { DraftError } from '../../errors/draft-error.js';
import { cacheFolder } from '../../runtime/provision/runtime-folder.js';

/** A file of the web. */
export interface WebAddress {
  readonly url: URL;
  /** SHA-256 that its content has, or the beginning of it; absent where nothing is known of it. */
  readonly hash?: { readonly value: string; readonly from: string };
}

/** Whether a text is an address of the web. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//.test(text);

/** The hash that a name bears, as PyTorch's published files do: `alexnet-owt-7be5be79.pth`. */
const named = ({ pathname }: URL): WebAddress['hash'] => {
  const [, value] = /-([0-9a-f]{8,64})\.pth$/.exec(pathname) ?? [];
  return value === undefined ? undefined : { value, from: 'its name says' };
};

/**
 * Reads an address, with the hash that its fragment (`#sha256=…`) or its name has.
 * @throws DraftError `DRAFT_REFERENCE_INVALID`.
 */
export function parseWebAddress(text: string): WebAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fragment = url?.hash ?? '';
  const [, value] = /^#sha256=([0-9a-f]{64})$/i.exec(fragment) ?? [];
  if (url === undefined || (fragment !== '' && value === undefined)) {
    throw new DraftError(
      'DRAFT_REFERENCE_INVALID',
      `${JSON.stringify(text)} is no address of the web; behind # may stand only sha256= and 64 hexadecimal digits.`,
    );
  }
  url.hash = '';
  const hash = value === undefined ? named(url) : { value: value.toLowerCase(), from: 'its address says' };
  return hash ? { url, hash } : { url };
}

/** Where a file of the web is kept; a query makes it another file. */
export const webCachePath = ({ host, pathname, search }: URL): string => {
  const safe = (part: string) => part.replace(/[^\w.-]|^\.+$/g, '_');
  const query = search === '' ? [] : [createHash('sha256').update(search).digest('hex').slice(0, 16)];
  return join(
    cacheFolder(),
    'downloads',
    ...`${host}${dirname(pathname)}`.split('/').map(safe),
    ...query,
    safe(basename(pathname)),
  );
};
