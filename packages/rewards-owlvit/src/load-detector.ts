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
import {
  type ChannelStatistics,
  clipStatistics,
  configFields,
  type LoadedClip,
  loadClipTokenizer,
  readStatistics,
  type Tokenizer,
} from '@draft/model-clip';
import { createDetector, type Detector } from './network/detector.js';
import { parseDetectorConfig } from './network/detector-config.js';
import { detectorLayout } from './network/detector-layout.js';

/** Which OWL-ViT is loaded, and for whom. */
export interface DetectorToLoad {
  /** `hf:org/name[@revision][/file]`, `npm:package/path`, a folder or a file, in the layout of transformers. */
  readonly checkpoint: string;
  /** Where the tokenizer is, if not beside the checkpoint; absent, CLIP's own. */
  readonly tokenizer?: string | undefined;
  readonly context: PluginContext;
  /** How the Hub is talked to; downloads are logged. */
  readonly hub?: HubOptions;
}

/** A loaded OWL-ViT, which owns its weights. */
export interface LoadedDetector extends LoadedClip<Detector> {
  readonly tokenizer: Tokenizer;
  /** What pictures are normalised by. */
  readonly statistics: ChannelStatistics;
}

/** Mean and standard deviation as the checkpoint's own preprocessing has them; those of CLIP where it says nothing. */
async function statisticsOf(place: CheckpointPlace): Promise<ChannelStatistics> {
  const path = await place.file('preprocessor_config.json');
  const fields = configFields(
    path === null ? {} : await readJson(path),
    "OWL-ViT's preprocessor_config.json",
  );
  if (fields.raw('do_normalize') === false) {
    fields.fail('UNSUPPORTED', 'do_normalize', 'only pictures that are normalised can be read');
  }
  return readStatistics(fields, { mean: 'image_mean', deviation: 'image_std' }, clipStatistics);
}

/**
 * Loads an OWL-ViT, one tensor at a time, and its tokenizer.
 * @throws DraftError where it cannot be had, or `DRAFT_MODEL_MISMATCH` with what is missing, unknown or of another
 * shape.
 */
export async function loadDetector(wanted: DetectorToLoad): Promise<LoadedDetector> {
  const { checkpoint, context, hub } = wanted;
  const options = { ...hubOptionsOf(context), ...hub };
  const place = openPlace(checkpoint, options);
  const file = await openPlacedWeights(place);
  let opened: OpenNetwork<Detector> | undefined;
  try {
    const path = await place.file('config.json');
    const config = parseDetectorConfig(path === null ? {} : await readJson(path));
    const statistics = await statisticsOf(place);
    const spec = {
      name: 'OWL-ViT',
      expectation:
        path === null ? 'published base/32, as there is no config.json beside it' : 'config.json beside it',
      // The projection of whole images takes no part in detection.
      spare: (name: string) => name === 'visual_projection.weight',
      build: (weights: Weights) => createDetector(config, weights),
    };
    opened = openNetwork(detectorLayout(file), spec, context.runtime);
    const architecture = { checkpoint, architecture: config, context, ...(hub ? { hub } : {}) };
    const tokenizer = await loadClipTokenizer({ config, place }, wanted.tokenizer, architecture);
    return { network: await opened.load(), config, place, tokenizer, statistics, dispose: opened.dispose };
  } catch (cause) {
    if (opened) opened.dispose();
    else file.close();
    throw cause;
  }
}
