import {
  type CheckpointPlace,
  type HubOptions,
  hubOptionsOf,
  type OpenNetwork,
  openNetwork,
  openPlace,
  openPlacedWeights,
  type PluginContext,
  readJson,
  type Weights,
} from '@draft/core';
import { type ClipConfig, parseClipConfig } from '../model/clip-config.js';
import { type ClipModel, createClip } from '../model/clip-model.js';
import { createImageEmbedder, type ImageEmbedder } from '../model/embedders.js';
import { parseOpenClipConfig } from '../open-clip/open-clip-config.js';
import { isOpenClip, openClipLayout } from '../open-clip/open-clip-layout.js';

/** Which CLIP checkpoint is loaded, and for whom. */
export interface ClipToLoad {
  /** `hf:org/name[@revision][/file]`, a folder or a file, in the layout of transformers or of open_clip. */
  readonly checkpoint: string;
  /** The architecture of a checkpoint that has no configuration beside it. */
  readonly architecture: ClipConfig;
  readonly context: PluginContext;
  /** How the Hub is talked to; downloads are logged. */
  readonly hub?: HubOptions;
}

/** A loaded network, which owns its weights. */
export interface LoadedClip<Network> {
  readonly network: Network;
  readonly config: ClipConfig;
  /** Where it came from, for what else stands there. */
  readonly place: CheckpointPlace;
  /** Frees the weights; calling it twice is harmless. */
  dispose(): void;
}

/** How the Hub is talked to for a model. */
export const listening = ({ context, hub }: ClipToLoad): HubOptions => ({ ...hubOptionsOf(context), ...hub });

async function load<Network>(
  wanted: ClipToLoad,
  build: (config: ClipConfig, weights: Weights) => Network,
  spare: (name: string) => boolean,
): Promise<LoadedClip<Network>> {
  const { checkpoint, architecture, context } = wanted;
  const options = listening(wanted);
  const place = openPlace(checkpoint, options);
  const file = await openPlacedWeights(place);
  let opened: OpenNetwork<Network>;
  let config = architecture;
  let expectation = 'published architecture, as there is no configuration beside it';
  try {
    const own = isOpenClip(file);
    const path = await place.file(own ? 'open_clip_config.json' : 'config.json');
    if (path) {
      config = (own ? parseOpenClipConfig : parseClipConfig)(await readJson(path));
      expectation = own ? 'open_clip_config.json beside it' : 'config.json beside it';
    }
    const source = own ? openClipLayout(file) : file;
    const spec = {
      name: 'CLIP model',
      expectation,
      spare,
      build: (weights: Weights) => build(config, weights),
    };
    opened = openNetwork(source, spec, context.runtime);
  } catch (cause) {
    file.close();
    throw cause;
  }
  try {
    return { network: await opened.load(), config, place, dispose: opened.dispose };
  } catch (cause) {
    opened.dispose();
    throw cause;
  }
}

/**
 * Loads a CLIP model with both towers, one tensor at a time.
 * @throws DraftError where it cannot be had, or `DRAFT_MODEL_MISMATCH` with what is missing, unknown or of another
 * shape.
 */
export const loadClip = (wanted: ClipToLoad): Promise<LoadedClip<ClipModel>> =>
  load(wanted, createClip, () => false);

/**
 * Loads the vision tower of a CLIP checkpoint with its projection; the text tower may be there or not.
 * @param spare Which other tensors the file may hold. @default none
 * @throws DraftError as `loadClip`.
 */
export const loadImageEmbedder = (
  wanted: ClipToLoad,
  spare: (name: string) => boolean = () => false,
): Promise<LoadedClip<ImageEmbedder>> =>
  load(
    wanted,
    ({ vision }, weights) => createImageEmbedder(vision, weights),
    (name) => /^(text_model\.|text_projection\.|logit_scale$)/.test(name) || spare(name),
  );
