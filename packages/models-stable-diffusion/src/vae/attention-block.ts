import { attention, type Tensor3D, type Tensor4D, tf, type Weights } from '@draft/core';
import { createDense } from '../blocks/dense.js';
import { createGroupNormalisation } from '../blocks/group-normalisation.js';
import { vaeEpsilon } from './vae-norm.js';

const newNames = { query: 'to_q', key: 'to_k', value: 'to_v', out: 'to_out.0' } as const;
/** As the checkpoints of Stable Diffusion 1.x were published. */
const oldNames = { query: 'query', key: 'key', value: 'value', out: 'proj_attn' } as const;

/** Residual self-attention of one head over all pixels of an image. */
export function createAttentionBlock(
  weights: Weights,
  name: string,
  channels: number,
  groups: number,
): (x: Tensor4D) => Tensor4D {
  const norm = createGroupNormalisation(weights, `${name}.group_norm`, channels, {
    groups,
    epsilon: vaeEpsilon,
  });
  const old =
    weights.has(`${name}.${oldNames.query}.weight`) && !weights.has(`${name}.${newNames.query}.weight`);
  const names = old ? oldNames : newNames;
  const project = (part: string) =>
    createDense(weights, `${name}.${part}`, { inFeatures: channels, outFeatures: channels });
  const toQuery = project(names.query);
  const toKey = project(names.key);
  const toValue = project(names.value);
  const toOut = project(names.out);
  return (x) => {
    const [n, height, width] = x.shape;
    const tokens: Tensor3D = tf.reshape(norm(x), [n, height * width, channels]);
    const mixed = attention(toQuery(tokens), toKey(tokens), toValue(tokens), { heads: 1 });
    return tf.add(x, tf.reshape(toOut(mixed), x.shape));
  };
}
