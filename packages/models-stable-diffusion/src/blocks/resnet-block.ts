import { conv2d, type Tensor2D, type Tensor4D, tf, type Weights } from '@draft/core';
import { createConvolution } from './convolution.js';
import { createDense } from './dense.js';
import { createGroupNormalisation } from './group-normalisation.js';

/** The shape of a residual block. */
export interface ResnetBlockOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly epsilon: number;
  /** Width of the timestep embedding; absent in the autoencoder, whose blocks know no timestep. */
  readonly timeWidth?: number;
}

/**
 * A residual block: `x + conv2(silu(norm2(conv1(silu(norm1(x))) + W t)))`, with a 1×1 convolution on `x` where
 * the number of channels changes. Its second argument is `silu(timestep embedding)`, `[1, timeWidth]` or
 * `[n, timeWidth]`.
 */
export function createResnetBlock(
  weights: Weights,
  name: string,
  { inChannels, outChannels, groups, epsilon, timeWidth }: ResnetBlockOptions,
): (x: Tensor4D, time?: Tensor2D) => Tensor4D {
  const norm = { groups, epsilon, activation: 'silu' } as const;
  const norm1 = createGroupNormalisation(weights, `${name}.norm1`, inChannels, norm);
  const weight1 = weights.get(`${name}.conv1.weight`, [3, 3, inChannels, outChannels], 'convolution');
  const bias1 = weights.get(`${name}.conv1.bias`, [outChannels], 'vector');
  const project =
    timeWidth === undefined
      ? undefined
      : createDense(weights, `${name}.time_emb_proj`, { inFeatures: timeWidth, outFeatures: outChannels });
  const norm2 = createGroupNormalisation(weights, `${name}.norm2`, outChannels, norm);
  const conv2 = createConvolution(weights, `${name}.conv2`, { inChannels: outChannels, outChannels });
  const shortcut =
    inChannels === outChannels
      ? undefined
      : createDense(weights, `${name}.conv_shortcut`, {
          inFeatures: inChannels,
          outFeatures: outChannels,
          convolution: true,
        });

  return (x, time) => {
    const shift = project && time ? project(time) : undefined; // [1 or n, outChannels]
    // One embedding for the whole batch: added to the bias first, it costs no pass over the image. The sum comes
    // last since the wasm back end wants a bias that was made with one axis.
    const bias = shift?.shape[0] === 1 ? tf.add(tf.reshape(shift, [outChannels]), bias1) : bias1;
    let hidden = conv2d(norm1(x), { weight: weight1, bias });
    if (shift && shift.shape[0] > 1) hidden = tf.add(hidden, tf.reshape(shift, [-1, 1, 1, outChannels]));
    return tf.add(shortcut ? shortcut(x) : x, conv2(norm2(hidden)));
  };
}
