import type { PluginContext, Reward } from '@draft/core';
import {
  clipH14,
  createClipReward,
  createPreprocessing,
  loadClip,
  loadClipTokenizer,
  type PreprocessingOptions,
} from '@draft/model-clip';
import type { PickscoreOptions } from './pickscore-options.js';

/** How the named preprocessings fit pictures to the square. */
const preprocessings: Readonly<
  Record<PickscoreOptions['preprocessing'], (antialias: boolean) => Omit<PreprocessingOptions, 'size'>>
> = {
  official: () => ({ kernel: 'bicubic', antialias: true, fit: 'crop', clamp: true }),
  bilinear: (antialias: boolean) => ({ kernel: 'bilinear', antialias, fit: 'stretch', clamp: false }),
};

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
        ...preprocessings[options.preprocessing](options.antialias),
      }),
      scaled: true,
      dispose: clip.dispose,
    });
  } catch (cause) {
    clip.dispose();
    throw cause;
  }
}
