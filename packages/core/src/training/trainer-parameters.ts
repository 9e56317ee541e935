import { adapterRecord, adaptersFrom } from '../chain/adapter-record.js';
import { trainedNames } from '../chain/trained-names.js';
import type { Adapters } from '../contracts/diffusion-model.js';
import type { TensorRecord } from '../contracts/runtime.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import type { TrainedPart } from '../contracts/trained-parts.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { samplingFrom, samplingRecord } from '../sampling/sampling-record.js';

/** The adapters and sampling weights of a training as named tensors, which it owns: some learn, the others stay. */
export interface TrainerParameters {
  /** Those that learn. */
  learnt(): Record<string, Tensor>;
  all(): Record<string, Tensor>;
  /** Puts others in the place of those that learn, which are the caller's from then on. */
  replace(learnt: Record<string, Tensor>): void;
  /** Puts others in the place of all, and frees those of before. */
  restore(all: TensorRecord): void;
  /** The adapters. @param learnt What learns. @default as it is now */
  adapters(learnt?: TensorRecord): Adapters;
  /** What guides sampling, in the same way; undefined where nothing does. */
  sampling(learnt?: TensorRecord): SamplingWeights | undefined;
  dispose(): void;
}

/** Parts tensors into those that learn and those that are there, but do not. */
export const createTrainerParameters = (
  structure: Adapters,
  sampling: SamplingWeights | undefined,
  train: readonly TrainedPart[],
): TrainerParameters => {
  const given = { ...adapterRecord(structure), ...samplingRecord(sampling) };
  const learns = new Set(trainedNames(structure, given, train));
  const only = (record: TensorRecord, learnt: boolean): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => learns.has(name) === learnt));
  let learnt = only(given, true);
  let fixed = only(given, false);
  return {
    learnt: () => learnt,
    all: () => ({ ...fixed, ...learnt }),
    replace(next) {
      learnt = next;
    },
    restore(all) {
      tf.dispose([fixed, learnt]);
      fixed = only(all, false);
      learnt = only(all, true);
    },
    adapters: (own = learnt) => adaptersFrom({ ...fixed, ...own }, structure),
    sampling: (own = learnt) => samplingFrom({ ...fixed, ...own }),
    dispose() {
      tf.dispose([fixed, learnt]);
      fixed = {};
      learnt = {};
    },
  };
};
