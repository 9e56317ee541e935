import type { Runtime, StoredType } from '../contracts/runtime.js';
import type { WeightLayout, Weights } from '../contracts/weights.js';
import { DraftError } from '../errors/draft-error.js';
import { explainFileError } from '../files/explain-file-error.js';
import type { Tensor } from '../runtime/tf.js';
import { sameShape, storedShapes } from './stored-shape.js';
import type { TensorSource } from './tensor-source.js';
import { isStoredType } from './weight-plan.js';

/** Weights read from a checkpoint. They own their tensors. */
export interface CheckpointWeights extends Weights {
  /** Reads a weight that will be asked for, off the main thread where the file and the back end allow it; throws as `get` does. */
  load(name: string, shape: readonly number[], layout: WeightLayout): Promise<void>;
  /** Frees all tensors that were read; calling it twice is harmless. */
  dispose(): void;
}

/**
 * Makes weights that are read from the disk when they are first asked for, each for itself: the bytes of a tensor
 * are handed to the runtime and forgotten.
 */
export function createCheckpointWeights(source: TensorSource, runtime: Runtime): CheckpointWeights {
  const tensors = new Map<string, Tensor>();

  const storedTypeOf = (name: string, shape: readonly number[], layout: WeightLayout): StoredType => {
    const entry = source.entries.get(name);
    if (!entry) {
      throw new DraftError('DRAFT_WEIGHT_MISSING', `${source.path} holds no weight called ${name}.`);
    }
    const { dtype } = entry;
    const shapes = storedShapes(shape, layout);
    if (isStoredType(dtype) && shapes.some((expected) => sameShape(entry.shape, expected))) return dtype;
    throw new DraftError(
      'DRAFT_WEIGHT_SHAPE',
      `${source.path} stores ${name} as ${dtype} [${entry.shape.join(', ')}], but F32, F16 or BF16 ` +
        `[${shapes[0]!.join(', ')}] is needed.`,
    );
  };

  const get: Weights['get'] = (name, shape, layout) => {
    const known = tensors.get(name);
    if (known) return known;
    const dtype = storedTypeOf(name, shape, layout);
    const bytes = runtime.rehearsal ? new Uint8Array() : source.read(name);
    const tensor = runtime.weight(bytes, dtype, shape, layout);
    tensors.set(name, tensor);
    return tensor;
  };

  return {
    has: (name) => source.entries.has(name),
    get,
    async load(name, shape, layout) {
      if (tensors.has(name)) return;
      if (!runtime.loadWeight || !source.placeOf) {
        get(name, shape, layout);
        return;
      }
      const dtype = storedTypeOf(name, shape, layout);
      try {
        tensors.set(name, await runtime.loadWeight(source.placeOf(name), dtype, shape, layout));
      } catch (cause) {
        throw explainFileError(cause, { action: 'read', path: source.path });
      }
    },
    dispose() {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    },
  };
}
