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
  const source = await openPlacedWeights(openPlace(reference, options), options);
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

/** Partners in the reversed batch are compared, so the distance of a layer is the same for both. */
const distanceOf = (features: Tensor4D, head: Head): Tensor => {
  const unit = unitChannels(features);
  return head(tf.square(tf.sub(unit, tf.reverse(unit, 0))) as Tensor4D);
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
    const distances = features(images).map((layer, i) => distanceOf(layer, heads[i] as Head));
    return distances.reduce((sum, distance) => tf.add(sum, distance)) as Tensor1D;
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
