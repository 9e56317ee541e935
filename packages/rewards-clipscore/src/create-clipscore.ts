import type { PluginContext, Reward } from '@draft/core';
import {
  clipH14,
  clipL14,
  clipPreprocessings,
  createClipReward,
  createPreprocessing,
  loadClip,
  loadClipTokenizer,
} from '@draft/model-clip';
import type { ClipscoreOptions } from './clipscore-options.js';

/** The published checkpoints and their architectures. */
const models = {
  h14: { checkpoint: 'hf:laion/CLIP-ViT-H-14-laion2B-s32B-b79K', architecture: clipH14 },
  l14: { checkpoint: 'hf:openai/clip-vit-large-patch14', architecture: clipL14 },
} as const;

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
        ...clipPreprocessings[options.preprocessing](options.antialias),
      }),
      scaled: options.scale === 'logits',
      dispose: clip.dispose,
    });
  } catch (cause) {
    clip.dispose();
    throw cause;
  }
}
