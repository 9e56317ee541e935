import type { Tensor4D } from '@draft/core';
import { createDownsample } from '../blocks/downsample.js';
import { createResnetBlock } from '../blocks/resnet-block.js';
import { recomputedStage } from './recomputed-stage.js';
import { createTransformer, type TransformerOptions } from './transformer.js';
import type { UnetBuilder, UnetCall } from './unet-builder.js';

/** The shape of one level on the way down. */
export interface DownBlockOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Residual blocks. */
  readonly layers: number;
  /** The transformer after each residual block; null in a level without attention. */
  readonly transformer: TransformerOptions | null;
  /** Padding of the convolution that halves the image at the end; null in the last level. */
  readonly downsample: 0 | 1 | null;
}

/** One level on the way down: every intermediate image, the last of which goes on to the next level. */
export function createDownBlock(
  builder: UnetBuilder,
  name: string,
  { inChannels, outChannels, layers, transformer, downsample }: DownBlockOptions,
): (x: Tensor4D, call: UnetCall) => readonly Tensor4D[] {
  const stages = Array.from({ length: layers }, (_, index) => {
    const resnet = createResnetBlock(builder.weights, `${name}.resnets.${index}`, {
      ...builder.norm,
      inChannels: index === 0 ? inChannels : outChannels,
      outChannels,
      timeWidth: builder.timeWidth,
    });
    const attend = transformer && createTransformer(builder, `${name}.attentions.${index}`, transformer);
    const stage = recomputedStage([`${name}.attentions.${index}`], ([image], call) => {
      const hidden = resnet(image as Tensor4D, call.time);
      return attend ? attend(hidden, call) : hidden;
    });
    return (x: Tensor4D, call: UnetCall): Tensor4D => stage([x], call);
  });
  if (downsample !== null) {
    stages.push(createDownsample(builder.weights, `${name}.downsamplers.0`, outChannels, downsample));
  }
  return (x, call) => {
    const images: Tensor4D[] = [];
    for (const stage of stages) images.push(stage(images.at(-1) ?? x, call));
    return images;
  };
}
