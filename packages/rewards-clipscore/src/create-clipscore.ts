import type { PluginContext, Reward } from '@draft/core';
import {
  clipH14,
  clipL14,
  createClipReward,
  createPreprocessing,
  loadClip,
  loadClipTokenizer,
  type PreprocessingOptions,
} from '@draft/model-clip';
import type { ClipscoreOptions } from './clipscore-options.js';

/** The published checkpoints and their architectures. */
const models = {
  h14: { checkpoint: 'hf:laion/CLIP-ViT-H-14-laion2B-s32B-b79K', architecture: clipH14 },
  l14: { checkpoint: 'hf:openai/clip-vit-large-patch14', architecture: clipL14 },
} as const;

/** How the named preprocessings fit pictures to the square. */
const preprocessings: Readonly<
  Record<ClipscoreOptions['preprocessing'], (antialias: boolean) => Omit<PreprocessingOptions, 'size'>>
> = {
  official: () => ({ kernel: 'bicubic', antialias: true, fit: 'crop', clamp: true }),
  bilinear: (antialias: boolean) => ({ kernel: 'bilinear', antialias, fit: 'stretch', clamp: false }),
};

/**
 * Makes the reward `exp(logit_scale) · cos(image, prompt)`, or the cosine itself.
 * @throws DraftError where the weights cannot be had or do not fit; it names the repository and the file.
 */
export async function createClipscore(options: ClipscoreOptions, context: PluginContext): Promise<Reward> {
  const published = models[options.model];
  const wanted = { ...published, checkpoint: options.checkpoint ?? published.checkpoint, context };
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
      scaled: options.scale === 'logits',
      dispose: clip.dispose,
    });
  } catch (cause) {
    clip.dispose();
    throw cause;
  }
}
