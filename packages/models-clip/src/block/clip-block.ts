import {
  attention,
  gelu,
  type LinearOptions,
  layerNorm,
  linear,
  quickGelu,
  type Tensor3D,
  tf,
  type Weights,
} from '@draft/core';
import type { ClipActivation } from '../config/config-fields.js';

/** What the blocks of a tower have in common. */
export interface ClipBlockConfig {
  readonly width: number;
  /** Width between the two linear maps of a block. */
  readonly innerWidth: number;
  readonly heads: number;
  readonly activation: ClipActivation;
  /** Added to the variance of a layer norm. */
  readonly epsilon: number;
}

/**
 * One pre-norm block of a CLIP tower: self-attention, then two linear maps, both added to the state.
 * @param causal Whether a token sees only itself and those before it, as in the text tower.
 */
export function createClipBlock(
  weights: Weights,
  name: string,
  config: ClipBlockConfig,
  causal: boolean,
): (x: Tensor3D) => Tensor3D {
  const { width, innerWidth, heads, activation, epsilon } = config;
  const norm = (part: string) => {
    const gamma = weights.get(`${name}.${part}.weight`, [width], 'vector');
    const beta = weights.get(`${name}.${part}.bias`, [width], 'vector');
    return (x: Tensor3D) => layerNorm(x, { gamma, beta }, { epsilon });
  };
  const map = (part: string, inFeatures: number, outFeatures: number, options: LinearOptions = {}) => {
    const weight = weights.get(`${name}.${part}.weight`, [outFeatures, inFeatures], 'linear');
    const bias = weights.get(`${name}.${part}.bias`, [outFeatures], 'vector');
    return (x: Tensor3D) => linear(x, { weight, bias }, [], options);
  };
  const norm1 = norm('layer_norm1');
  const toQuery = map('self_attn.q_proj', width, width);
  const toKey = map('self_attn.k_proj', width, width);
  const toValue = map('self_attn.v_proj', width, width);
  // What is added to the state is exact, as the state goes through all blocks.
  const precise = { precise: true };
  const toOutput = map('self_attn.out_proj', width, width, precise);
  const norm2 = norm('layer_norm2');
  const widen = map('mlp.fc1', width, innerWidth);
  const narrow = map('mlp.fc2', innerWidth, width, precise);
  const activate = activation === 'gelu' ? gelu : quickGelu;

  return (x) => {
    const normal = norm1(x);
    const mixed = attention(toQuery(normal), toKey(normal), toValue(normal), { heads, causal });
    const attended: Tensor3D = tf.add(x, toOutput(mixed)); // [n, tokens, width]
    return tf.add(attended, narrow(activate(widen(norm2(attended)))));
  };
}
