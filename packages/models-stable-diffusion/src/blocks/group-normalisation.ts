import { type GroupNormOptions, groupNorm, type Tensor3D, type Tensor4D, type Weights } from '@draft/core';

/** A group norm with a scale and a shift per channel. */
export function createGroupNormalisation(
  weights: Weights,
  name: string,
  channels: number,
  options: GroupNormOptions,
): <T extends Tensor3D | Tensor4D>(x: T) => T {
  const gamma = weights.get(`${name}.weight`, [channels], 'vector');
  const beta = weights.get(`${name}.bias`, [channels], 'vector');
  return (x) => groupNorm(x, { gamma, beta }, options);
}
