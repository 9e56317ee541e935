import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from '../files/explain-file-error.js';
import { openSafetensors } from '../files/open-safetensors.js';
import { openPytorch } from './pytorch/open-pytorch.js';
import { parseShardIndex } from './shard-index.js';
import type { TensorEntry, TensorSource } from './tensor-source.js';

function readIndex(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw explainFileError(cause, { action: 'read', path });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DraftError('DRAFT_MODEL_INVALID', `${path} is not valid JSON; download it again.`, { cause });
  }
}

/**
 * Opens a checkpoint in several files (`model.safetensors.index.json`), which stand beside their index. Tensors that they
 * hold and the index does not list are among its tensors, so that whoever compares these with a network sees them.
 * @throws DraftError `DRAFT_MODEL_INVALID`, and as `openSafetensors` and `openPytorch` do.
 */
export function openShards(path: string): TensorSource {
  const listed = parseShardIndex(readIndex(path), path);
  const files = new Map<string, TensorSource>();
  const close = () => {
    for (const file of files.values()) file.close();
  };
  const invalid = (what: string) =>
    new DraftError('DRAFT_MODEL_INVALID', `${path} ${what}; download the folder again.`);
  try {
    for (const name of new Set(listed.values())) {
      const shard = join(dirname(path), name);
      files.set(name, name.endsWith('.bin') ? openPytorch(shard) : openSafetensors(shard));
    }
    const places = new Map(listed);
    const entries = new Map<string, TensorEntry>();
    for (const [tensor, name] of listed) {
      const entry = files.get(name)!.entries.get(tensor);
      if (!entry) throw invalid(`places ${tensor} in ${name}, which does not hold it`);
      entries.set(tensor, entry);
    }
    for (const [name, file] of files) {
      for (const [tensor, entry] of file.entries) {
        if (listed.has(tensor)) continue;
        const other = places.get(tensor);
        if (other !== undefined) {
          throw invalid(`does not say which ${tensor} is meant, that of ${other} or that of ${name}`);
        }
        places.set(tensor, name);
        entries.set(tensor, entry);
      }
    }
    const fileOf = (tensor: string) => {
      const file = files.get(places.get(tensor) ?? '');
      if (!file) throw new DraftError('DRAFT_TENSOR_MISSING', `${path} holds no tensor called ${tensor}.`);
      return file;
    };
    return {
      path,
      entries,
      read: (tensor) => fileOf(tensor).read(tensor),
      ...([...files.values()].every(({ placeOf }) => placeOf) && {
        placeOf: (tensor: string) => fileOf(tensor).placeOf!(tensor),
      }),
      close,
    };
  } catch (cause) {
    close();
    throw cause;
  }
}
