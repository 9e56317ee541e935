import { openSafetensors } from '../files/open-safetensors.js';
import { openRandomAccess } from '../files/random-access-file.js';
import { openShards } from './open-shards.js';
import { openPytorch, pytorchFormat } from './pytorch/open-pytorch.js';
import type { TensorSource } from './tensor-source.js';

const pytorchName = /\.(pt|pth|bin|ckpt)$/i;

/**
 * Opens a file of weights in whatever format it is: safetensors, PyTorch, or the index of a checkpoint in several
 * files. Only descriptions are read; the numbers stay on the disk.
 * @throws DraftError as `openSafetensors`, `openPytorch` and `openShards` do.
 */
export function openCheckpoint(path: string): TensorSource {
  if (path.endsWith('.json')) return openShards(path);
  const file = openRandomAccess(path);
  let isPytorch: boolean;
  try {
    isPytorch = pytorchFormat(file.read(0, Math.min(4, file.size))) !== null;
  } finally {
    file.close();
  }
  // A header of safetensors may have any length: only what does not look like PyTorch's is taken by its name.
  return isPytorch || pytorchName.test(path) ? openPytorch(path) : openSafetensors(path);
}
