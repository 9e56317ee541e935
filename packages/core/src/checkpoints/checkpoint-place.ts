import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HubOptions } from '../contracts/hub-options.js';
import { DraftError } from '../errors/draft-error.js';
import { hubName, isHubReference, parseHubReference } from './hub/hub-reference.js';
import { hubSettings } from './hub/hub-settings.js';
import { openHubRepo } from './hub/open-hub-repo.js';
import { isPackageReference, packagePath } from './package-reference.js';
import { isWebAddress } from './web/web-address.js';
import { webPlace } from './web/web-place.js';

/** Where a checkpoint is: a folder, a file, or a repository of the Hugging Face Hub. */
export interface CheckpointPlace {
  /** As users write it. */
  readonly name: string;
  /** Name of the file that was asked for; null where a folder or a repository was. */
  readonly single: string | null;
  /**
   * A file of the folder, or beside the file; of a repository it is downloaded where need be.
   * @returns Its path on this machine, or null where there is none.
   */
  file(name: string): Promise<string | null>;
  /** How users write a file of the place, for messages. */
  called(name: string): string;
  /**
   * The cache that alone is looked into, as `HF_HUB_OFFLINE` asks for: a file that `file` does not give may then exist
   * all the same. Null elsewhere.
   */
  readonly onlyCache: string | null;
}

function localPlace(path: string, name = path): CheckpointPlace {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) {
    throw new DraftError(
      'DRAFT_FILE_NOT_FOUND',
      `There is no file or folder ${path}; a checkpoint of the Hugging Face Hub is written hf:org/name.`,
    );
  }
  const folder = status.isDirectory() ? path : dirname(path);
  return {
    name,
    single: status.isDirectory() ? null : basename(path),
    file: async (name) => (existsSync(join(folder, name)) ? join(folder, name) : null),
    called: (name) => join(folder, name),
    onlyCache: null,
  };
}

function hubPlace(text: string, options: HubOptions): CheckpointPlace {
  const reference = parseHubReference(text);
  const repo = openHubRepo(reference, options);
  const { path } = reference;
  // A name with an ending is a file, as all weights are; any other is a folder of the repository.
  const isFile = path !== null && /\.\w+$/.test(basename(path));
  const folder = path === null ? '' : isFile ? dirname(path) : path;
  const inRepo = (name: string) => (folder === '' || folder === '.' ? name : `${folder}/${name}`);
  const { offline, cache } = hubSettings(options);
  return {
    name: text,
    single: isFile ? basename(path) : null,
    file: (name) => repo.file(inRepo(name)),
    called: (name) => hubName(reference, inRepo(name)),
    onlyCache: offline ? cache : null,
  };
}

/**
 * Finds a checkpoint: `hf:org/name[@revision][/file]`, `npm:package/path`, an address of the web, a folder, or a file. Nothing is downloaded
 * yet.
 * @throws DraftError `DRAFT_REFERENCE_INVALID` or `DRAFT_FILE_NOT_FOUND`.
 */
export const openPlace = (text: string, options: HubOptions = {}): CheckpointPlace => {
  if (isHubReference(text)) return hubPlace(text, options);
  if (isWebAddress(text)) return webPlace(text, options);
  return isPackageReference(text) ? localPlace(packagePath(text), text) : localPlace(text);
};
