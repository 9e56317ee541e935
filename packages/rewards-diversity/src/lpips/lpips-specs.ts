import {
  linear,
  type NetworkSpec,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  type TensorSource,
  tf,
  type Weights,
} from '@draft/core';
import { type LpipsArchitecture, lpipsArchitectures } from './lpips-architecture.js';
import { createLpipsFeatures, type LpipsFeatures, nameOf } from './lpips-features.js';

/** Name of a network, as the package lpips has it. */
export type LpipsName = keyof typeof lpipsArchitectures;

/** How many channels each layer gives, as the file has them; 1 where it lacks the layer, which is reported later. */
export const widthsOf = (source: TensorSource, { layers }: LpipsArchitecture): readonly number[] =>
  layers.map((layer) => source.entries.get(`${nameOf(layer)}.weight`)?.shape[0] ?? 1);

/** The widths of the layers that are compared. */
export const comparedOf = ({ layers }: LpipsArchitecture, widths: readonly number[]): readonly number[] =>
  widths.filter((_, i) => layers[i]?.compared);

/** The network whose features are compared; its classifier may be in the file. */
export const backboneSpec = (network: LpipsName, widths: readonly number[]): NetworkSpec<LpipsFeatures> => ({
  name: 'LPIPS network',
  expectation: `network ${network} in torchvision's naming`,
  spare: (name) => name.startsWith('classifier.'),
  build: (weights) => createLpipsFeatures(lpipsArchitectures[network], widths, weights),
});

/** How much each channel of a layer counts. */
export type Head = (differences: Tensor4D) => Tensor;

const headName = (index: number): string => `lin${index}.model.1.weight`;

const createHeads = (widths: readonly number[], weights: Weights): readonly Head[] =>
  widths.map((width, index) => {
    const weight = weights.get(headName(index), [1, width], 'pointwise');
    return (differences) => {
      const [n, height, columns] = differences.shape;
      const rated = linear(tf.reshape(differences, [-1, width]) as Tensor2D, { weight }, [], {
        precise: true,
      });
      return tf.mean(tf.reshape(rated, [n, height * columns]), 1); // [n]
    };
  });

/** LPIPS's weights of features that have these widths. */
export const headsSpec = (compared: readonly number[]): NetworkSpec<readonly Head[]> => ({
  name: 'weights of LPIPS',
  expectation: `features of ${compared.join(', ')} channels`,
  build: (weights) => createHeads(compared, weights),
});
