import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WrittenWeights } from './full-size-reward.js';
import { type PublishedFile, readKeys, writeRandomCheckpoint } from './random-checkpoint.js';

/**
 * Writes one published file with random numbers, and what lies beside it.
 * @param keys Its names and shapes.
 * @param beside JSON by name.
 */
export function writePublished(
  folder: string,
  file: PublishedFile,
  keys: URL,
  beside: Readonly<Record<string, unknown>> = {},
): WrittenWeights {
  for (const [name, json] of Object.entries(beside)) writeFileSync(join(folder, name), JSON.stringify(json));
  return { numbers: writeRandomCheckpoint(folder, file, readKeys(keys)), files: [file.name] };
}
