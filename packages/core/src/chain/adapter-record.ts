import type { Adapter, Adapters } from '../contracts/diffusion-model.js';
import type { TensorRecord } from '../contracts/runtime.js';
import type { Tensor } from '../runtime/tf.js';

const key = (layer: string, index: number, side: 'down' | 'up') => `lora.${index}.${layer}.${side}`;

/** Adapters as named tensors, the form in which a compiled function takes and returns them. */
export const adapterRecord = (adapters: Adapters): Record<string, Tensor> => {
  const record: Record<string, Tensor> = {};
  for (const [layer, list] of adapters) {
    list.forEach(({ down, up }, index) => {
      record[key(layer, index, 'down')] = down;
      record[key(layer, index, 'up')] = up;
    });
  }
  return record;
};

/** The adapters of a record, with the structure and scales of `like`. */
export const adaptersFrom = (record: TensorRecord, like: Adapters): Adapters =>
  new Map(
    [...like].map(([layer, list]): [string, readonly Adapter[]] => [
      layer,
      list.map(({ scale }, index) => ({
        down: record[key(layer, index, 'down')] as Tensor,
        up: record[key(layer, index, 'up')] as Tensor,
        scale,
      })),
    ]),
  );
