import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AdaptableLayer, Adapters } from '../contracts/diffusion-model.js';
import { readLora } from '../lora/read-lora.js';
import { readSamplingFile, readSamplingHeader } from './sampling-file.js';
import type { SamplingNumbers } from './sampling-numbers.js';

/** Everything that a run learnt. */
export interface Learnt {
  /** Owned by the caller; empty where only sampling weights were learnt. */
  readonly adapters: Adapters;
  readonly sampling: SamplingNumbers | undefined;
  /** Where the sampling weights of this LoRA should be but are not; undefined where nothing is missing. */
  readonly missing: string | undefined;
}

/**
 * Where the sampling weights lie that were learnt with a LoRA, a file beside it that its header names; undefined where it
 * names none, or the file is not there.
 * @throws DraftError as `openSafetensors` does.
 */
export const samplingBeside = (path: string): string | undefined => {
  const { companion } = readSamplingHeader(path);
  const beside = companion === undefined ? undefined : join(dirname(path), companion);
  return beside !== undefined && existsSync(beside) ? beside : undefined;
};

/**
 * Reads a LoRA file with the sampling weights that were learnt with it, a file beside it that its header names; or a file
 * of sampling weights by itself.
 * @param layers The layers of the model that it is to be used with.
 * @throws DraftError as `readLora` and `readSamplingFile` do.
 */
export const readLearnt = (path: string, layers: readonly AdaptableLayer[]): Learnt => {
  const { own, companion } = readSamplingHeader(path);
  if (own) return { adapters: new Map(), sampling: readSamplingFile(path), missing: undefined };
  const beside = companion === undefined ? undefined : join(dirname(path), companion);
  const there = beside !== undefined && existsSync(beside);
  const sampling = there ? readSamplingFile(beside) : undefined;
  return { adapters: readLora(path, layers), sampling, missing: there ? undefined : beside };
};
