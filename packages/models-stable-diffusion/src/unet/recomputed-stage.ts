import {
  type Adapter,
  recomputedPart,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '@draft/core';
import type { UnetCall } from './unet-builder.js';

/** A part of the network: images, and what all parts read, to an image. */
export type Stage = (images: readonly Tensor4D[], call: UnetCall) => Tensor4D;

/**
 * Makes a stage that keeps nothing for its gradient but its arguments, where the call asks for that.
 * @param names Of the layers in it, as prefixes, so that the adapters that it reads are known.
 */
export const recomputedStage =
  (names: readonly string[], stage: Stage): Stage =>
  (images, call) => {
    if (!call.recompute) return stage(images, call);
    const own = [...(call.adapters ?? [])].filter(([layer]) =>
      names.some((name) => layer.startsWith(`${name}.`)),
    );
    const factors = own.flatMap(([layer, adapters]) =>
      adapters.flatMap(({ down, up }, i): [string, Tensor][] => [
        [`${layer} ${i} down`, down],
        [`${layer} ${i} up`, up],
      ]),
    );
    const inputs = {
      ...Object.fromEntries(images.map((image, i) => [`image ${i}`, image])),
      time: call.time,
      context: call.context,
      ...Object.fromEntries(factors),
    };
    return recomputedPart(inputs, (record) => {
      const adapters = new Map(
        own.map(([layer, before]): [string, readonly Adapter[]] => [
          layer,
          before.map(({ scale }, i) => ({
            down: record[`${layer} ${i} down`] as Tensor,
            up: record[`${layer} ${i} up`] as Tensor,
            scale,
          })),
        ]),
      );
      return stage(
        images.map((_, i) => record[`image ${i}`] as Tensor4D),
        {
          ...call,
          time: record.time as Tensor2D,
          context: record.context as Tensor3D,
          adapters,
        },
      );
    });
  };
