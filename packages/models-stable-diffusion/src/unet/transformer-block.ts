import { layerNorm, type Tensor3D, tf } from '@draft/core';
import { type AttentionLayerOptions, createAttention } from './attention.js';
import { createFeedForward } from './feed-forward.js';
import type { UnetBuilder, UnetCall } from './unet-builder.js';

/** Self-attention, cross attention to the text and a feed-forward layer, each normalised before and residual. */
export function createTransformerBlock(
  builder: UnetBuilder,
  name: string,
  options: AttentionLayerOptions,
): (x: Tensor3D, call: UnetCall) => Tensor3D {
  const { channels } = options;
  const createNorm = (part: string) => {
    const gamma = builder.weights.get(`${name}.${part}.weight`, [channels], 'vector');
    const beta = builder.weights.get(`${name}.${part}.bias`, [channels], 'vector');
    return (x: Tensor3D) => layerNorm(x, { gamma, beta }, { epsilon: 1e-5 });
  };
  const norm1 = createNorm('norm1');
  const selfAttention = createAttention(builder, `${name}.attn1`, { ...options, contextWidth: channels });
  const norm2 = createNorm('norm2');
  const crossAttention = createAttention(builder, `${name}.attn2`, options);
  const norm3 = createNorm('norm3');
  const feedForward = createFeedForward(builder, `${name}.ff`, channels);
  return (x, { context, adapters }) => {
    const own = norm1(x);
    let hidden: Tensor3D = tf.add(x, selfAttention(own, own, adapters));
    hidden = tf.add(hidden, crossAttention(norm2(hidden), context, adapters));
    return tf.add(hidden, feedForward(norm3(hidden), adapters));
  };
}
