import { tf, type WeightLayout, type Weights } from '@draft/core';
import { createTextTower } from '@draft/model-clip';
import { type CheckpointConfigs, createUnet, createVae } from '@draft/model-stable-diffusion';
import type { ComponentName } from '../../../packages/models-stable-diffusion/src/checkpoint/checkpoint-parts.js';
import { createProjectedTower } from '../../../packages/models-stable-diffusion/src/conditioning/double-encoder.js';

/** A tensor as it is stored. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

function storedShape(shape: readonly number[], layout: WeightLayout): readonly number[] {
  if (layout === 'convolution') {
    const [height, width, inner, outer] = shape as [number, number, number, number];
    return [outer, inner, height, width];
  }
  return layout === 'pointwise' ? [...shape, 1, 1] : shape;
}

/** What a network takes, in the order in which it does. */
function takenBy(
  build: (weights: Weights) => unknown,
  has: (name: string) => boolean,
): readonly StoredWeight[] {
  const taken = new Map<string, StoredWeight>();
  tf.tidy(() => {
    const standIn = tf.scalar(0);
    build({
      has,
      get(name, shape, layout) {
        taken.set(name, { name, shape: storedShape(shape, layout) });
        return standIn;
      },
    });
  });
  return [...taken.values()];
}

/**
 * The tensors of each component under diffusers' names, with the shapes in which they are stored.
 * @param oldNames Whether the VAE's attention has the names of the first published files.
 */
export function planCheckpoint(
  { text, second, unet, vae }: CheckpointConfigs,
  oldNames: boolean,
): ReadonlyMap<ComponentName, readonly StoredWeight[]> {
  const prefixed = (name: string) => name.startsWith('text_model.');
  const parts = new Map<ComponentName, readonly StoredWeight[]>([
    ['text_encoder', takenBy((weights) => createTextTower(text, weights), prefixed)],
    [
      'unet',
      takenBy(
        (weights) => createUnet(unet, weights),
        () => false,
      ),
    ],
    [
      'vae',
      takenBy(
        (weights) => createVae(vae, weights),
        (name) => oldNames && name.includes('.query.'),
      ),
    ],
  ]);
  if (second) {
    parts.set(
      'text_encoder_2',
      takenBy((weights) => createProjectedTower(second.text, weights), prefixed),
    );
  }
  return parts;
}
