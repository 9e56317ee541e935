import { type Adapters, geglu, type Tensor3D } from '@draft/core';
import { createAdaptableLinear } from './adaptable-linear.js';
import type { UnetBuilder } from './unet-builder.js';

/** The gated feed-forward layer of a transformer block, four times as wide inside. */
export function createFeedForward(
  builder: UnetBuilder,
  name: string,
  channels: number,
): (x: Tensor3D, adapters: Adapters | undefined) => Tensor3D {
  const inner = 4 * channels;
  const expand = createAdaptableLinear(builder, `${name}.net.0.proj`, {
    inFeatures: channels,
    outFeatures: 2 * inner,
  });
  const contract = createAdaptableLinear(builder, `${name}.net.2`, {
    inFeatures: inner,
    outFeatures: channels,
  });
  return (x, adapters) => contract(geglu(expand(x, adapters)), adapters);
}
