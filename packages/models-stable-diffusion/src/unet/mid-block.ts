import type { Tensor4D } from '@draft/core';
import { createResnetBlock } from '../blocks/resnet-block.js';
import { recomputedStage } from './recomputed-stage.js';
import { createTransformer, type TransformerOptions } from './transformer.js';
import type { UnetBuilder, UnetCall } from './unet-builder.js';

/**
 * The block at the smallest image: two residual blocks with a transformer between them, or one residual block
 * where there is no transformer.
 */
export function createMidBlock(
  builder: UnetBuilder,
  name: string,
  channels: number,
  transformer: TransformerOptions | null,
): (x: Tensor4D, call: UnetCall) => Tensor4D {
  const createResnet = (index: number) =>
    createResnetBlock(builder.weights, `${name}.resnets.${index}`, {
      ...builder.norm,
      inChannels: channels,
      outChannels: channels,
      timeWidth: builder.timeWidth,
    });
  const first = createResnet(0);
  if (!transformer) return (x, call) => first(x, call.time);
  const attend = createTransformer(builder, `${name}.attentions.0`, transformer);
  const second = createResnet(1);
  const stage = recomputedStage([`${name}.attentions.0`], ([image], call) =>
    second(attend(first(image as Tensor4D, call.time), call), call.time),
  );
  return (x, call) => stage([x], call);
}
