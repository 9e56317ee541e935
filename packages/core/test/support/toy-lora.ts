import {
  type Adapters,
  createLora,
  createRandomSource,
  type DiffusionModel,
  disposeAdapters,
  tf,
} from '@draft/core';

/** A LoRA of rank 2 that does something, as a fresh one does not: its second factors are drawn, too. Owned by the caller. */
export const createMovedLora = ({ layers }: DiffusionModel): Adapters => {
  const fresh = createLora(layers, { rank: 2, alpha: 2, random: createRandomSource(5) });
  const moved: Adapters = new Map(
    [...fresh].map(([name, list]) => [
      name,
      list.map(({ down, up, scale }) => ({
        down: down.clone(),
        up: tf.randomNormal(up.shape, 0, 0.3, 'float32', 7),
        scale,
      })),
    ]),
  );
  disposeAdapters(fresh);
  return moved;
};
