import type { Runtime } from '../contracts/runtime.js';
import type { Weights } from '../contracts/weights.js';
import { DraftError } from '../errors/draft-error.js';
import type { Tensor } from '../runtime/tf.js';
import { sameShape, storedShapes } from './stored-shape.js';
import type { TensorSource } from './tensor-source.js';
import { isStoredType } from './weight-plan.js';

/** Weights read from a checkpoint. They own their tensors. */
export interface CheckpointWeights extends Weights {
  /** Frees all tensors that were read; calling it twice is harmless. */
  dispose(): void;
}

/**
 * Makes weights that are read from the disk when they are first asked for, one at a time: the bytes of a tensor
 * are handed to the runtime and forgotten before the next one is read.
 */
export function createCheckpointWeights(source: TensorSource, runtime: Runtime): CheckpointWeights {
  const tensors = new Map<string, Tensor>();
  return {
    has: (name) => source.entries.has(name),
    get(name, shape, layout) {
      const known = tensors.get(name);
      if (known) return known;
      const entry = source.entries.get(name);
      if (!entry) {
        throw new DraftError('DRAFT_WEIGHT_MISSING', `${source.path} holds no weight called ${name}.`);
      }
      const { dtype } = entry;
      const shapes = storedShapes(shape, layout);
      if (!isStoredType(dtype) || !shapes.some((expected) => sameShape(entry.shape, expected))) {
        throw new DraftError(
          'DRAFT_WEIGHT_SHAPE',
          `${source.path} stores ${name} as ${dtype} [${entry.shape.join(', ')}], but F32, F16 or BF16 ` +
            `[${shapes[0]!.join(', ')}] is needed.`,
        );
      }
      if (runtime.rehearsal) {
        const standIn = runtime.weight(new Uint8Array(), dtype, shape);
        tensors.set(name, standIn);
        return standIn;
      }
      const tensor = runtime.weight(source.read(name), dtype, shape, layout);
      tensors.set(name, tensor);
      return tensor;
    },
    dispose() {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    },
  };
}
