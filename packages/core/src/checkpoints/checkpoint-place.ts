import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HubOptions } from '../contracts/hub-options.js';
import { DraftError } from '../errors/draft-error.js';
import { hubName, isHubReference, parseHubReference } from './hub/hub-reference.js';
import { hubSettings } from './hub/hub-settings.js';
import { openHubRepo } from './hub/open-hub-repo.js';
import { openCheckpoint } from './open-checkpoint.js';
import { isPackageReference, packagePath } from './package-reference.js';
import { readJson } from './read-json.js';
import { parseShardIndex } from './shard-index.js';
import type { TensorSource } from './tensor-source.js';
import { isWebAddress } from './web/web-address.js';
import { webPlace } from './web/web-place.js';
import { weightFileNames } from './weight-folder.js';

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
  };
}

function hubPlace(text: string, options: HubOptions): CheckpointPlace {
  const reference = parseHubReference(text);
  const repo = openHubRepo(reference, options);
  const { path } = reference;
  // A name with an ending is a file, as all weights are; any other is a folder of the repository.
  const isFile = path !== null && /\.\w+$/.test(basename(path));
  const folder = path === null ? '' : isFile ? dirname(path) : path;
  return {
    name: text,
    single: isFile ? basename(path) : null,
    file: (name) => repo.file(folder === '' || folder === '.' ? name : `${folder}/${name}`),
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

const noWeights = (
  { name }: CheckpointPlace,
  wanted: readonly string[],
  { offline, cache }: { offline: boolean; cache: string },
) =>
  new DraftError(
    'DRAFT_WEIGHTS_NOT_FOUND',
    `${name} holds none of the files ${wanted.slice(0, 2).join(', ')}, …${
      offline && isHubReference(name)
        ? ` in the cache ${cache}, and HF_HUB_OFFLINE forbids to download them`
        : ''
    }; name the file with the weights.`,
  );

/**
 * Opens the weights of a checkpoint: the file that was asked for, or the best of the names that are usual.
 * @param stem What the files are called, without variant and ending. @default 'model'
 * @throws DraftError `DRAFT_WEIGHTS_NOT_FOUND`, as `openCheckpoint` does, and as the Hub's functions do.
 */
export async function openPlacedWeights(
  place: CheckpointPlace,
  { stem = 'model', ...options }: HubOptions & { readonly stem?: string } = {},
): Promise<TensorSource> {
  const wanted = place.single === null ? weightFileNames(stem) : [place.single];
  for (const name of wanted) {
    const path = await place.file(name);
    if (path === null) continue;
    if (name.endsWith('.json')) {
      for (const shard of new Set(parseShardIndex(await readJson(path), path).values()))
        await place.file(shard);
    }
    return openCheckpoint(path);
  }
  if (place.single !== null && isHubReference(place.name)) {
    const { repo, revision } = parseHubReference(place.name);
    throw new DraftError(
      'DRAFT_HUB_NOT_FOUND',
      `${place.name} cannot be had: ${
        hubSettings(options).offline
          ? 'it is not in the cache, and HF_HUB_OFFLINE forbids to download it'
          : `${hubName({ repo, revision })} has no such file`
      }.`,
    );
  }
  if (place.single !== null && isWebAddress(place.name)) {
    throw new DraftError('DRAFT_DOWNLOAD_FAILED', `${place.name} cannot be had: there is no such file.`);
  }
  throw noWeights(place, wanted, hubSettings(options));
}
