import { type Adapters, attention, type Tensor3D } from '@draft/core';
import { createAdaptableLinear } from './adaptable-linear.js';
import type { UnetBuilder } from './unet-builder.js';

/** The shape of an attention layer. */
export interface AttentionLayerOptions {
  readonly channels: number;
  /** Width of what is attended to. */
  readonly contextWidth: number;
  readonly heads: number;
}

/** Multi-head attention from `x`, `[n, tokens, channels]`, to `context`, which is `x` itself in self-attention. */
export function createAttention(
  builder: UnetBuilder,
  name: string,
  { channels, contextWidth, heads }: AttentionLayerOptions,
): (x: Tensor3D, context: Tensor3D, adapters: Adapters | undefined) => Tensor3D {
  const projection = (part: string, inFeatures: number) =>
    createAdaptableLinear(builder, `${name}.${part}`, { inFeatures, outFeatures: channels, bias: false });
  const toQuery = projection('to_q', channels);
  const toKey = projection('to_k', contextWidth);
  const toValue = projection('to_v', contextWidth);
  const toOut = createAdaptableLinear(builder, `${name}.to_out.0`, {
    inFeatures: channels,
    outFeatures: channels,
  });
  return (x, context, adapters) => {
    const mixed = attention(toQuery(x, adapters), toKey(context, adapters), toValue(context, adapters), {
      heads,
    });
    return toOut(mixed, adapters);
  };
}
