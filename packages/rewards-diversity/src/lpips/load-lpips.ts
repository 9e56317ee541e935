import {
  DraftError,
  type HubOptions,
  hubOptionsOf,
  type NetworkSpec,
  type OpenNetwork,
  openNetwork,
  openPlace,
  openPlacedWeights,
  type PluginContext,
  recomputed,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  type TensorSource,
  tf,
} from '@draft/core';
import { type LpipsArchitecture, lpipsArchitectures } from './lpips-architecture.js';
import { type LpipsFeatures, unitChannels } from './lpips-features.js';
import { backboneSpec, comparedOf, type Head, headsSpec, type LpipsName, widthsOf } from './lpips-specs.js';

/** Which network, and where its weights are. */
export interface LpipsToLoad {
  readonly network: LpipsName;
  /** Weights of the network in torchvision's naming; absent, torchvision's own. */
  readonly backbone?: string | undefined;
  /** LPIPS's weights of its features; absent, the published ones (0.1). */
  readonly heads?: string | undefined;
}

/** LPIPS within a batch. */
export interface Lpips {
  /**
   * The distance of each picture from its partner in the reversed batch, `[n]`. Plain tensor code; the features of each
   * picture are computed once.
   * @param images `[n, height, width, 3]` in `[0, 1]`.
   * @throws DraftError `DRAFT_IMAGE_SIZE` where they are too small for the network.
   */
  distances(images: Tensor4D): Tensor1D;
  /** Frees the weights; calling it twice is harmless. */
  dispose(): void;
}

const open = async <Network>(
  reference: string,
  options: HubOptions,
  context: PluginContext,
  describe: (source: TensorSource) => NetworkSpec<Network>,
): Promise<OpenNetwork<Network>> => {
  const source = await openPlacedWeights(openPlace(reference, options));
  return openNetwork(source, describe(source), context.runtime);
};

const loaded = async <Network>(opened: OpenNetwork<Network>): Promise<Network> => {
  try {
    return await opened.load();
  } catch (cause) {
    opened.dispose();
    throw cause;
  }
};

/** How far each picture of the first half is from its partner at one layer, `[⌊n / 2⌋]`; of one picture from itself. */
const distanceOf = (features: Tensor4D, head: Head): Tensor => {
  const unit = unitChannels(features);
  const [n, ...sides] = unit.shape as [number, number, number, number];
  const pairs = Math.max(1, Math.floor(n / 2));
  const first = tf.slice(unit, [0, 0, 0, 0], [pairs, ...sides]);
  const last = tf.slice(unit, [n - pairs, 0, 0, 0], [pairs, ...sides]);
  return head(tf.square(tf.sub(first, tf.reverse(last, 0))) as Tensor4D);
};

/** The distances of all pictures from those of the first half: partners are as far from each other, the middle one is its own. */
const mirrored = (distances: Tensor, n: number): Tensor1D => {
  if (n === 1) return distances as Tensor1D;
  return tf.concat([
    distances,
    ...(n % 2 === 1 ? [tf.zeros([1])] : []),
    tf.reverse(distances, 0),
  ]) as Tensor1D;
};

const compare = (
  images: Tensor4D,
  { smallestSide }: LpipsArchitecture,
  network: string,
  features: LpipsFeatures,
  heads: readonly Head[],
): Tensor1D => {
  const [, height, width] = images.shape;
  if (Math.min(height, width) < smallestSide) {
    throw new DraftError(
      'DRAFT_IMAGE_SIZE',
      `Pictures of ${height} × ${width} pixels are too small for LPIPS with the network ${network}: ${smallestSide} are needed.`,
    );
  }
  return tf.tidy(() => {
    // Features of large pictures fill gigabytes: for the gradient only those that are compared are kept, and what lies between
    // is computed again, one part at a time.
    const walked: Tensor[] = [];
    let x = images;
    const distances = features.map((part, i) => {
      x = recomputed(part, walked)(x);
      return recomputed((layer: Tensor4D) => distanceOf(layer, heads[i] as Head), walked)(x);
    });
    const sum = distances.reduce((total, distance) => tf.add(total, distance));
    return mirrored(sum, images.shape[0]);
  });
};

/**
 * Loads LPIPS.
 * @throws DraftError where the weights cannot be had or do not fit; it names the file.
 * @see Zhang et al. 2018, The Unreasonable Effectiveness of Deep Features as a Perceptual Metric
 */
export const loadLpips = async (wanted: LpipsToLoad, context: PluginContext): Promise<Lpips> => {
  const architecture = lpipsArchitectures[wanted.network];
  const options = hubOptionsOf(context);
  let widths: readonly number[] = [];
  const backbone = await open(wanted.backbone ?? architecture.backbone, options, context, (source) => {
    widths = widthsOf(source, architecture);
    return backboneSpec(wanted.network, widths);
  });
  try {
    const compared = comparedOf(architecture, widths);
    const heads = await open(wanted.heads ?? architecture.heads, options, context, () => headsSpec(compared));
    try {
      const [features, rate] = [await loaded(backbone), await loaded(heads)];
      return {
        distances: (images) => compare(images, architecture, wanted.network, features, rate),
        dispose() {
          backbone.dispose();
          heads.dispose();
        },
      };
    } catch (cause) {
      heads.dispose();
      throw cause;
    }
  } catch (cause) {
    backbone.dispose();
    throw cause;
  }
};
