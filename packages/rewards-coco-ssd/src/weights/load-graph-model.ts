import { readFileSync } from 'node:fs';
import { DraftError, type HubOptions, missingInCache, openPlace } from '@draft/core';
import { type GraphConstant, readConstants } from '../graph/graph-constants.js';
import { type GraphModel, parseGraphModel } from '../graph/graph-model.js';

/** A graph model with its constants. */
export interface LoadedGraphModel {
  readonly graph: GraphModel;
  readonly constants: ReadonlyMap<string, GraphConstant>;
}

/**
 * Loads a graph model of TensorFlow.js.
 * @param reference The address of a `model.json`, a folder that holds one, the file, or `hf:org/name[/folder]`.
 * @throws DraftError with the file that cannot be had, or is no graph model.
 */
export const loadGraphModel = async (reference: string, options: HubOptions): Promise<LoadedGraphModel> => {
  const place = openPlace(reference, options);
  const read = async (name: string): Promise<Uint8Array> => {
    const path = await place.file(name);
    if (path !== null) return readFileSync(path);
    if (place.onlyCache !== null) throw missingInCache(place, { needed: [name] });
    throw new DraftError(
      'DRAFT_WEIGHTS_NOT_FOUND',
      `${reference} holds no ${name}: a graph model of TensorFlow.js has model.json and the files that it names.`,
    );
  };
  const bytes = await read(place.single ?? 'model.json');
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    content = undefined; // refused below, with what is needed
  }
  const graph = parseGraphModel(content, reference);
  const shards: Uint8Array[] = [];
  for (const { paths } of graph.groups) {
    const parts: Uint8Array[] = [];
    for (const path of paths) {
      if (!/^[\w.-]+$/.test(path) || path.startsWith('..'))
        throw new DraftError(
          'DRAFT_MODEL_INVALID',
          `${reference} names the file ${JSON.stringify(path)}, which does not lie beside it.`,
        );
      parts.push(await read(path));
    }
    shards.push(Buffer.concat(parts));
  }
  return { graph, constants: readConstants(graph, shards, reference) };
};
