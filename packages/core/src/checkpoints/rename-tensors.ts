import type { TensorEntry, TensorSource } from './tensor-source.js';

/**
 * Shows the tensors of a checkpoint under other names. Messages keep the file's own.
 * @param toShown The other name of a stored one. Where the file has it already, a tensor keeps its own.
 * @param toStored The way back, for tensors that the file should have and has not.
 */
export function renameTensors(
  source: TensorSource,
  toShown: (name: string) => string,
  toStored: (name: string) => string,
): TensorSource {
  const entries = new Map<string, TensorEntry>();
  const stored = new Map<string, string>();
  for (const [name, entry] of source.entries) {
    const shown = source.entries.has(toShown(name)) ? name : toShown(name);
    entries.set(shown, entry);
    stored.set(shown, name);
  }
  return {
    path: source.path,
    entries,
    nameInFile: (name) => stored.get(name) ?? toStored(name),
    read: (name) => source.read(stored.get(name) ?? name),
    ...(source.placeOf && { placeOf: (name) => source.placeOf!(stored.get(name) ?? name) }),
    close: () => source.close(),
  };
}
