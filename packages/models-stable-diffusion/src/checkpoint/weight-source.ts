import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DraftError, openSafetensors, type SafetensorsEntry, type SafetensorsFile } from '@draft/core';
import { readJson } from './read-json.js';
import { parseShardIndex } from './shard-index.js';

/** The tensors of one component, in one file or several: headers in memory, numbers on the disk. */
export interface WeightSource {
  /** The file, or the index of the files, for messages. */
  readonly path: string;
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  /** Little-endian bytes of one tensor, in an array of their own. */
  read(name: string): Uint8Array<ArrayBuffer>;
  /** Closes all files; calling it twice is harmless. */
  close(): void;
}

/** Variants that stand in where a folder lacks the plain files, best first. */
const variants = ['fp16', 'bf16'] as const;

const weightFile = /\.(bin|ckpt|pt|pth|msgpack|h5|onnx|gguf)$/;

/** Names that a component's weights may have, best first; an index stands for the files that it lists. */
function candidates(stem: string): readonly string[] {
  const plain = [`${stem}.safetensors`, `${stem}.safetensors.index.json`];
  return [
    ...plain,
    ...variants.flatMap((variant) => [
      `${stem}.${variant}.safetensors`,
      `${stem}.safetensors.index.${variant}.json`,
      `${stem}.${variant}.safetensors.index.json`,
    ]),
  ];
}

function fromFile(file: SafetensorsFile): WeightSource {
  return { path: file.path, entries: file.entries, read: file.read, close: file.close };
}

async function fromIndex(folder: string, path: string): Promise<WeightSource> {
  const places = parseShardIndex(await readJson(path), path);
  const files = new Map<string, SafetensorsFile>();
  const close = () => {
    for (const file of files.values()) file.close();
  };
  try {
    for (const name of new Set(places.values())) files.set(name, openSafetensors(join(folder, name)));
    const entries = new Map<string, SafetensorsEntry>();
    for (const [tensor, name] of places) {
      const entry = files.get(name)!.entries.get(tensor);
      if (!entry) {
        throw new DraftError(
          'DRAFT_MODEL_INVALID',
          `${path} places ${tensor} in ${name}, which does not hold it; download the folder again.`,
        );
      }
      entries.set(tensor, entry);
    }
    return { path, entries, read: (tensor) => files.get(places.get(tensor) ?? '')!.read(tensor), close };
  } catch (cause) {
    close();
    throw cause;
  }
}

/**
 * Opens the safetensors of a component's folder: the plain file, or its shards, or the half-precision variant.
 * @param stem `diffusion_pytorch_model` or `model`.
 * @throws DraftError `DRAFT_MODEL_INVALID` where there are none, and as `openSafetensors` does.
 */
export async function openWeightSource(folder: string, stem: string): Promise<WeightSource> {
  const found = candidates(stem).find((name) => existsSync(join(folder, name)));
  if (found) {
    const path = join(folder, found);
    return found.endsWith('.json') ? fromIndex(folder, path) : fromFile(openSafetensors(path));
  }
  const other = existsSync(folder) ? readdirSync(folder).find((name) => weightFile.test(name)) : undefined;
  throw new DraftError(
    'DRAFT_MODEL_INVALID',
    `The checkpoint's ${basename(folder)} folder, ${folder}, holds no ${stem}.safetensors${
      other ? `, only ${other}; convert it to safetensors first` : '; download it whole'
    }.`,
  );
}
