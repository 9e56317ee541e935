import { type Tensor4D, tf } from '@draft/core';
import { createResnetBlock } from '../blocks/resnet-block.js';
import { createUpsample } from '../blocks/upsample.js';
import { recomputedStage } from './recomputed-stage.js';
import { createTransformer, type TransformerOptions } from './transformer.js';
import type { UnetBuilder, UnetCall } from './unet-builder.js';

/** The shape of one level on the way up. */
export interface UpBlockOptions {
  /** Channels that arrive from the level before. */
  readonly inChannels: number;
  readonly outChannels: number;
  /** Channels of the images from the way down, one per residual block, in the order of use. */
  readonly skipChannels: readonly number[];
  /** The transformer after each residual block; null in a level without attention. */
  readonly transformer: TransformerOptions | null;
  /** Whether the image doubles at the end: in all levels but the last. */
  readonly upsample: boolean;
}

/**
 * One level on the way up. It takes its images from the end of `skips` and removes them there; the next one that
 * remains has the size to which it enlarges.
 */
export function createUpBlock(
  builder: UnetBuilder,
  name: string,
  { inChannels, outChannels, skipChannels, transformer, upsample }: UpBlockOptions,
): (x: Tensor4D, skips: Tensor4D[], call: UnetCall) => Tensor4D {
  const stages = skipChannels.map((channels, index) => {
    const resnet = createResnetBlock(builder.weights, `${name}.resnets.${index}`, {
      ...builder.norm,
      inChannels: (index === 0 ? inChannels : outChannels) + channels,
      outChannels,
      timeWidth: builder.timeWidth,
    });
    const attend = transformer && createTransformer(builder, `${name}.attentions.${index}`, transformer);
    const stage = recomputedStage([`${name}.attentions.${index}`], (images, call) => {
      const hidden = resnet(tf.concat([...images], 3), call.time);
      return attend ? attend(hidden, call) : hidden;
    });
    return (x: Tensor4D, skip: Tensor4D, call: UnetCall): Tensor4D => stage([x, skip], call);
  });
  const enlarge = upsample ? createUpsample(builder.weights, `${name}.upsamplers.0`, outChannels) : null;
  return (x, skips, call) => {
    let hidden = x;
    for (const stage of stages) hidden = stage(hidden, skips.pop() as Tensor4D, call);
    if (!enlarge) return hidden;
    const [, height, width] = (skips.at(-1) as Tensor4D).shape;
    return enlarge(hidden, [height, width]);
  };
}
