import { dirname } from 'node:path';
import type { HubOptions } from '../contracts/hub-options.js';
import { DraftError } from '../errors/draft-error.js';
import { type CheckpointPlace, openPlace } from './checkpoint-place.js';
import { missingInCache } from './missing-files.js';
import { bringShards } from './open-placed-weights.js';
import { readJson } from './read-json.js';
import { weightFileNames } from './weight-folder.js';

const tokenizerFiles = ['vocab.json', 'merges.txt'] as const;
const optionalTokenizerFiles = [
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
] as const;

/** Components that hold a network, and what the files of their weights are called. */
const stems: Readonly<Record<string, string>> = {
  unet: 'diffusion_pytorch_model',
  vae: 'diffusion_pytorch_model',
  text_encoder: 'model',
  text_encoder_2: 'model',
};

/** Brings the best of a network's weights; false where none are there. */
async function fetchWeights(place: CheckpointPlace, component: string, names: readonly string[]) {
  for (const name of names) {
    const path = await place.file(name);
    if (path === null) continue;
    if (name.endsWith('.json')) await bringShards(place, path, `${component}/`);
    return true;
  }
  return false;
}

async function fetchSingleFile(place: CheckpointPlace, name: string): Promise<string> {
  const path = await place.file(name);
  if (path !== null) return path;
  if (place.onlyCache !== null) throw missingInCache(place, { needed: [name] });
  throw new DraftError('DRAFT_HUB_NOT_FOUND', `${place.name} cannot be had: there is no such file.`);
}

/**
 * Brings what a text-to-image model in diffusers layout needs from the Hub: its index, and of each part the
 * configuration and the best of its weights; nothing else of the repository.
 * @param reference `hf:org/name[@revision][/folder]`, or a folder of this machine, which is left as it is. One file,
 * `hf:org/name[@revision]/file`, is brought alone.
 * @returns The folder, or the file.
 * @throws DraftError `DRAFT_MODEL_INVALID` where there is no such model, and as `openHubRepo`'s functions do.
 */
export async function fetchPipeline(reference: string, options: HubOptions = {}): Promise<string> {
  const place = openPlace(reference, options);
  if (place.single !== null) return fetchSingleFile(place, place.single);
  const index = await place.file('model_index.json');
  if (index === null) {
    if (place.onlyCache !== null) throw missingInCache(place, { needed: ['model_index.json'] });
    throw new DraftError(
      'DRAFT_MODEL_INVALID',
      `${reference} holds no model_index.json and is no model in diffusers layout; name its repository or its folder.`,
    );
  }
  const parts = await readJson(index);
  // A pair of nulls stands for a part that the model does not have.
  const names = Object.entries(parts ?? {}).flatMap(([name, part]: [string, unknown]) =>
    Array.isArray(part) && part[0] !== null ? [name] : [],
  );
  const needed: string[] = [];
  const oneOf: Record<string, readonly string[]> = {};
  const bring = async (name: string) => {
    if ((await place.file(name)) === null) needed.push(name);
  };
  for (const name of names) {
    const stem = Object.hasOwn(stems, name) ? stems[name] : undefined;
    if (stem !== undefined) {
      await bring(`${name}/config.json`);
      const weights = weightFileNames(stem).map((file) => `${name}/${file}`);
      if (await fetchWeights(place, name, weights)) continue;
      oneOf[`weights of the ${name}`] = weights;
      if (place.onlyCache !== null) continue;
      throw new DraftError(
        'DRAFT_WEIGHTS_NOT_FOUND',
        `${place.name} holds no weights of its ${name}, such as ${weights[0]}.`,
      );
    } else if (name === 'scheduler') {
      await bring('scheduler/scheduler_config.json');
    } else if (/^tokenizer(_2)?$/.test(name)) {
      for (const file of tokenizerFiles) await bring(`${name}/${file}`);
      for (const file of optionalTokenizerFiles) await place.file(`${name}/${file}`);
    }
  }
  if (place.onlyCache !== null && (needed.length || Object.keys(oneOf).length))
    throw missingInCache(place, { needed, oneOf });
  return dirname(index);
}
