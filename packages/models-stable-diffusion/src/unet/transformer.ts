import { type Tensor3D, type Tensor4D, tf } from '@draft/core';
import { createGroupNormalisation } from '../blocks/group-normalisation.js';
import { createAdaptableLinear } from './adaptable-linear.js';
import type { AttentionLayerOptions } from './attention.js';
import { createTransformerBlock } from './transformer-block.js';
import type { UnetBuilder, UnetCall } from './unet-builder.js';

/** The shape of a transformer over an image. */
export interface TransformerOptions extends AttentionLayerOptions {
  /** Number of transformer blocks. */
  readonly layers: number;
}

/** A residual transformer over the pixels of an image as tokens, in rows (Transformer2DModel). */
export function createTransformer(
  builder: UnetBuilder,
  name: string,
  { layers, ...options }: TransformerOptions,
): (x: Tensor4D, call: UnetCall) => Tensor4D {
  const { channels } = options;
  const projection = { inFeatures: channels, outFeatures: channels, convolution: !builder.linearProjection };
  const norm = createGroupNormalisation(builder.weights, `${name}.norm`, channels, {
    groups: builder.norm.groups,
    epsilon: 1e-6, // not the epsilon of the configuration
  });
  const projectIn = createAdaptableLinear(builder, `${name}.proj_in`, projection);
  const blocks = Array.from({ length: layers }, (_, index) =>
    createTransformerBlock(builder, `${name}.transformer_blocks.${index}`, options),
  );
  const projectOut = createAdaptableLinear(builder, `${name}.proj_out`, projection);
  return (x, call) => {
    const [n, height, width] = x.shape;
    let tokens: Tensor3D = tf.reshape(norm(x), [n, height * width, channels]);
    tokens = projectIn(tokens, call.adapters);
    for (const block of blocks) tokens = block(tokens, call);
    return tf.add(x, tf.reshape(projectOut(tokens, call.adapters), x.shape));
  };
}
