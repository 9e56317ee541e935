import { tf, type WeightLayout, type Weights } from '@draft/core';

/** Records what a network asks for at its creation; gives it nothing that could be computed with. */
export interface RecordingWeights extends Weights {
  /** Name and shape as stored, `320x4x3x3`; a 1×1 convolution counts as stored in four dimensions. */
  readonly requested: ReadonlyMap<string, string>;
}

const stored = (shape: readonly number[], layout: WeightLayout): readonly number[] => {
  const [a = 0, b = 0, c = 0, d = 0] = shape;
  if (layout === 'convolution') return [d, c, a, b];
  return layout === 'pointwise' ? [...shape, 1, 1] : shape;
};

/** Weights without values. `present` answers `has`. */
export function createRecordingWeights(present: (name: string) => boolean = () => true): RecordingWeights {
  const requested = new Map<string, string>();
  const nothing = tf.scalar(0);
  return {
    requested,
    has: present,
    get(name, shape, layout) {
      if (requested.has(name)) throw new Error(`${name} was asked for twice`);
      requested.set(name, stored(shape, layout).join('x'));
      return nothing;
    },
  };
}
