import { basename } from 'node:path';
import { DraftError } from '../errors/draft-error.js';
import type { CheckpointPlace } from './checkpoint-place.js';
import { hubName, isHubReference, parseHubReference } from './hub/hub-reference.js';
import { missingInCache } from './missing-files.js';
import { openCheckpoint } from './open-checkpoint.js';
import { readJson } from './read-json.js';
import { parseShardIndex } from './shard-index.js';
import { allNamesHint, isCut, someNames } from './some-names.js';
import type { TensorSource } from './tensor-source.js';
import { isWebAddress } from './web/web-address.js';
import { weightFileNames } from './weight-folder.js';

/** Brings the files of an index; the index itself says which. */
export async function bringShards(place: CheckpointPlace, index: string, folder = ''): Promise<void> {
  const shards = [...new Set(parseShardIndex(await readJson(index), index).values())];
  const absent: string[] = [];
  for (const shard of shards) if ((await place.file(`${folder}${shard}`)) === null) absent.push(shard);
  if (!absent.length) return;
  const needed = absent.map((shard) => `${folder}${shard}`);
  if (place.onlyCache !== null) throw missingInCache(place, { needed });
  throw new DraftError(
    'DRAFT_WEIGHTS_NOT_FOUND',
    `${place.name} lacks files that its index ${basename(index)} lists: ${someNames(needed)}${
      isCut(needed) ? `; ${allNamesHint}` : ''
    }.`,
    { details: { missing: needed } },
  );
}

/**
 * Opens the weights of a checkpoint: the file that was asked for, or the best of the names that are usual.
 * @throws DraftError `DRAFT_WEIGHTS_NOT_FOUND`, as `openCheckpoint` does, and as the Hub's functions do.
 */
export async function openPlacedWeights(place: CheckpointPlace): Promise<TensorSource> {
  const wanted = place.single === null ? weightFileNames('model') : [place.single];
  for (const name of wanted) {
    const path = await place.file(name);
    if (path === null) continue;
    if (name.endsWith('.json')) await bringShards(place, path);
    return openCheckpoint(path);
  }
  if (place.onlyCache !== null) {
    throw missingInCache(
      place,
      place.single === null ? { oneOf: { weights: wanted } } : { needed: [place.single] },
    );
  }
  if (place.single !== null && isHubReference(place.name)) {
    const { repo, revision } = parseHubReference(place.name);
    throw new DraftError(
      'DRAFT_HUB_NOT_FOUND',
      `${place.name} cannot be had: ${hubName({ repo, revision })} has no such file.`,
    );
  }
  if (place.single !== null && isWebAddress(place.name)) {
    throw new DraftError('DRAFT_DOWNLOAD_FAILED', `${place.name} cannot be had: there is no such file.`);
  }
  throw new DraftError(
    'DRAFT_WEIGHTS_NOT_FOUND',
    `${place.name} holds none of the files that weights have, such as ${wanted[0]} and ${
      wanted.find((name) => name.endsWith('.bin')) ?? wanted.at(-1)
    }; name the file with the weights.`,
    { details: { 'one needed (weights)': wanted } },
  );
}
