import { basename, dirname, join } from 'node:path';
import {
  type Adapters,
  companionMetadata,
  type DiffusionModel,
  familyNamed,
  type SamplingWeights,
  samplingNumbers,
  writeLora,
  writeSamplingFile,
} from '@draft/core';
import { sizeMetadata } from './size-warning.js';

/** The file for A1111, ComfyUI and kohya's scripts beside a LoRA file with PEFT's names. */
export const kohyaPath = (path: string): string => path.replace(/(\.safetensors)?$/, '.kohya.safetensors');

/** The file of sampling weights beside a LoRA file: `sampling.ema.safetensors` beside `lora.ema.safetensors`. */
export const samplingPath = (path: string): string => {
  const name = basename(path);
  const own = name.startsWith('lora.') ? name.replace('lora', 'sampling') : `sampling.${name}`;
  return join(dirname(path), own);
};

/** What a run has learnt. Tensors stay the caller's. */
export interface LearntTensors {
  /** May be empty. */
  readonly adapters: Adapters;
  readonly sampling: SamplingWeights | undefined;
}

/**
 * Writes a LoRA twice: with PEFT's names, which diffusers reads, and with kohya's, which the other programs do
 * (`lora.safetensors`, `lora.kohya.safetensors`). Each file is read again and compared. For an
 * architecture that kohya's scripts do not know there is only the first. Where sampling weights were learnt, they come
 * first, in a file beside, whose name the headers of the others hold; without a LoRA there is only that file.
 * @param size Of the pictures that it was trained on, which the headers say.
 */
export const saveLora = async (
  path: string,
  { adapters, sampling }: LearntTensors,
  { layers, architecture }: Pick<DiffusionModel, 'layers' | 'architecture'>,
  size?: { readonly height: number; readonly width: number },
): Promise<void> => {
  const beside = samplingPath(path);
  if (sampling) writeSamplingFile(beside, samplingNumbers(sampling), { 'draft.architecture': architecture });
  if (adapters.size === 0) return;
  const metadata = {
    ...(sampling ? companionMetadata(basename(beside)) : {}),
    ...(size ? sizeMetadata(size) : {}),
  };
  await writeLora(path, { adapters, layers, architecture, metadata });
  if (familyNamed(architecture) === undefined) return;
  await writeLora(kohyaPath(path), { adapters, layers, architecture, metadata, format: 'kohya' });
};
