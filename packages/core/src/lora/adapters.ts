import type { Adapter, Adapters } from '../contracts/diffusion-model.js';
import { type Tensor, tf } from '../runtime/tf.js';

/** The adapters at another strength, 1 being their own. They share their tensors. */
export const scaleAdapters = (adapters: Adapters, strength: number): Adapters =>
  new Map(
    [...adapters].map(([name, list]): [string, Adapter[]] => [
      name,
      list.map((adapter) => ({ ...adapter, scale: adapter.scale * strength })),
    ]),
  );

/** Several sets of adapters as one, whose updates add up. They share their tensors. */
export const combineAdapters = (...sets: readonly Adapters[]): Adapters => {
  const combined = new Map<string, Adapter[]>();
  for (const [name, list] of sets.flatMap((set) => [...set])) {
    combined.set(name, [...(combined.get(name) ?? []), ...list]);
  }
  return combined;
};

/** All tensors of the adapters. */
export const adapterTensors = (adapters: Adapters): Tensor[] =>
  [...adapters.values()].flat().flatMap(({ down, up }) => [down, up]);

/** How many numbers the adapters consist of. */
export const countParameters = (adapters: Adapters): number =>
  adapterTensors(adapters).reduce((sum, { size }) => sum + size, 0);

/** Frees the adapters' tensors. */
export const disposeAdapters = (adapters: Adapters): void => tf.dispose(adapterTensors(adapters));
