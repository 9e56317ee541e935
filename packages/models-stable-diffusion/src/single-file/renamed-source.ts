import { DraftError, type TensorEntry, type TensorSource } from '@draft/core';
import type { NameTable } from './name-table.js';

/** Which tensors of a file belong to a component, and what they are called. */
export interface ComponentNames {
  /** What they begin with in the file, ending in a dot. */
  readonly prefix: string;
  /** Between the rest of the name and diffusers' name; absent where they are the same. */
  readonly names?: NameTable;
}

/**
 * Shows one component of a file under diffusers' names. Messages keep the file's own names.
 * @param source Is closed with the result.
 */
export function renamedSource(source: TensorSource, { prefix, names }: ComponentNames): TensorSource {
  const entries = new Map<string, TensorEntry>();
  const stored = new Map<string, string>();
  for (const [name, entry] of source.entries) {
    if (!name.startsWith(prefix)) continue;
    const rest = name.slice(prefix.length);
    // A tensor that has no place keeps its name, so that it is reported as unknown.
    const shown = names ? (names.toDiffusers(rest) ?? name) : rest;
    entries.set(shown, entry);
    stored.set(shown, name);
  }
  const storedName = (name: string) => {
    const found = stored.get(name);
    if (found !== undefined) return found;
    throw new DraftError('DRAFT_TENSOR_MISSING', `${source.path} holds no tensor called ${name}.`);
  };
  return {
    path: source.path,
    entries,
    nameInFile: (name) => stored.get(name) ?? prefix + (names ? (names.toOriginal(name) ?? name) : name),
    read: (name) => source.read(storedName(name)),
    ...(source.placeOf && { placeOf: (name) => source.placeOf!(storedName(name)) }),
    close: source.close,
  };
}
