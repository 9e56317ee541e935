import { DraftError } from '../errors/draft-error.js';

/**
 * Reads the index of a checkpoint in several files: the file of each tensor.
 * @throws DraftError `DRAFT_MODEL_INVALID` where it is none, or names a file outside its folder.
 */
export function parseShardIndex(json: unknown, path: string): ReadonlyMap<string, string> {
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  const entries = typeof map === 'object' && map !== null && !Array.isArray(map) ? Object.entries(map) : [];
  if (!entries.length) {
    throw new DraftError('DRAFT_MODEL_INVALID', `${path} lists no tensors (weight_map); download it again.`);
  }
  for (const [tensor, file] of entries) {
    if (typeof file !== 'string' || !/^[^/\\]+\.(safetensors|bin)$/.test(file)) {
      throw new DraftError(
        'DRAFT_MODEL_INVALID',
        `${path} places ${tensor} in ${JSON.stringify(file)}, which is no file of weights beside it.`,
      );
    }
  }
  return new Map(entries as [string, string][]);
}
