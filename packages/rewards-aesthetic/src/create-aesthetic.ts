import {
  hubOptionsOf,
  openNetwork,
  openPlace,
  openPlacedWeights,
  type PluginContext,
  type Reward,
  tf,
} from '@draft/core';
import {
  clipL14,
  clipPreprocessings,
  createPreprocessing,
  loadImageEmbedder,
  unitRows,
} from '@draft/model-clip';
import { createAestheticHead } from './aesthetic-head.js';
import type { AestheticOptions } from './aesthetic-options.js';

/** Heads that are published in one file with the tower. */
const isHead = (name: string): boolean => name.startsWith('layers.');

async function openHead(reference: string, width: number, context: PluginContext) {
  const options = hubOptionsOf(context);
  const source = await openPlacedWeights(openPlace(reference, options));
  try {
    const build = createAestheticHead(source, width);
    const spec = {
      name: 'aesthetic predictor',
      expectation: `aesthetic predictor on embeddings of width ${width}`,
      spare: (name: string) => !isHead(name),
      build,
    };
    return openNetwork(source, spec, context.runtime);
  } catch (cause) {
    source.close();
    throw cause;
  }
}

/**
 * Makes the reward `head(e / ‖e‖)` of CLIP's image embedding `e`, about 1 to 10.
 * @throws DraftError where the weights cannot be had or do not fit; it names the repository and the file.
 */
export async function createAesthetic(options: AestheticOptions, context: PluginContext): Promise<Reward> {
  const wanted = { checkpoint: options.checkpoint, architecture: clipL14, context };
  const clip = await loadImageEmbedder(wanted, isHead);
  try {
    const { imageSize, projectionWidth } = clip.config.vision;
    const opened = await openHead(options.head, projectionWidth, context);
    const head = await opened.load().catch((cause: unknown) => {
      opened.dispose();
      throw cause;
    });
    const preprocess = createPreprocessing({
      size: imageSize,
      ...clipPreprocessings[options.preprocessing](options.antialias),
    });
    return {
      differentiable: true,
      perSample: true,
      score: (images) =>
        tf.tidy(() => {
          const rated = head.rate(unitRows(clip.network.embed(preprocess(images)))); // [n, 1]
          return tf.reshape(rated, [images.shape[0]]);
        }),
      dispose() {
        clip.dispose();
        opened.dispose();
      },
    };
  } catch (cause) {
    clip.dispose();
    throw cause;
  }
}
