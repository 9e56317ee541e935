import type { PluginContext, Reward } from '@draft/core';
import {
  clipH14,
  clipPreprocessings,
  createClipReward,
  createPreprocessing,
  loadClip,
  loadClipTokenizer,
} from '@draft/model-clip';
import type { PickscoreOptions } from './pickscore-options.js';

/**
 * Makes the reward `exp(logit_scale) · cos(image, prompt)` of PickScore.
 * @throws DraftError where the weights cannot be had or do not fit; it names the repository and the file.
 */
export async function createPickscore(options: PickscoreOptions, context: PluginContext): Promise<Reward> {
  const wanted = { checkpoint: options.checkpoint, architecture: clipH14, context };
  const clip = await loadClip(wanted);
  try {
    const tokenizer = await loadClipTokenizer(clip, options.tokenizer, wanted);
    return createClipReward({
      runtime: context.runtime,
      clip: clip.network,
      tokenizer,
      preprocess: createPreprocessing({
        size: clip.config.vision.imageSize,
        ...clipPreprocessings[options.preprocessing](options.antialias),
      }),
      scaled: true,
      dispose: clip.dispose,
    });
  } catch (cause) {
    clip.dispose();
    throw cause;
  }
}
