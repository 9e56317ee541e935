import type { TensorEntry, TensorSource } from '@draft/core';
import { fromTransformers, toTransformers } from './transformers-names.js';

/** Whether a checkpoint is in the layout of transformers' ResNetForImageClassification. */
export const isTransformersLayout = ({ entries }: TensorSource): boolean =>
  [...entries.keys()].some((name) => name.startsWith('resnet.'));

/** Shows a checkpoint in transformers' layout under timm's names. Messages keep the file's own names. */
export function transformersLayout(source: TensorSource): TensorSource {
  const entries = new Map<string, TensorEntry>();
  const stored = new Map<string, string>();
  for (const [name, entry] of source.entries) {
    entries.set(fromTransformers(name), entry);
    stored.set(fromTransformers(name), name);
  }
  return {
    path: source.path,
    entries,
    nameInFile: (name) => stored.get(name) ?? toTransformers(name),
    read: (name) => source.read(stored.get(name) ?? name),
    close: () => source.close(),
  };
}
