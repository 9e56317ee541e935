import type { PluginContext, Reward } from '@draft/core';
import {
  clipH14,
  clipPreprocessings,
  createClipReward,
  createPreprocessing,
  loadClip,
  loadClipTokenizer,
  type NamedPreprocessing,
} from '@draft/model-clip';
import type { Hpsv2Options } from './hpsv2-options.js';

/** The published files. */
const files = {
  '2.0': 'hf:xswu/HPSv2/HPS_v2_compressed.pt',
  '2.1': 'hf:xswu/HPSv2/HPS_v2.1_compressed.pt',
} as const;

/** How the named preprocessings fit pictures to the square. */
const preprocessings: Readonly<Record<Hpsv2Options['preprocessing'], NamedPreprocessing>> = {
  official: () => ({ kernel: 'bicubic', antialias: true, fit: 'pad', clamp: false }),
  crop: clipPreprocessings.crop,
  bilinear: clipPreprocessings.bilinear,
};

/**
 * Makes the reward `cos(image, prompt)` of HPSv2, without its scale.
 * @throws DraftError where the weights cannot be had or do not fit; it names the repository and the file.
 */
export async function createHpsv2(options: Hpsv2Options, context: PluginContext): Promise<Reward> {
  const checkpoint = options.checkpoint ?? files[options.version];
  const wanted = { checkpoint, architecture: clipH14, context };
  const clip = await loadClip(wanted);
  try {
    // As HPSv2 reads them.
    const tokenizer = await loadClipTokenizer(clip, options.tokenizer, wanted, 'open_clip');
    return createClipReward({
      runtime: context.runtime,
      clip: clip.network,
      tokenizer,
      preprocess: createPreprocessing({
        size: clip.config.vision.imageSize,
        ...preprocessings[options.preprocessing](options.antialias),
      }),
      scaled: false,
      dispose: clip.dispose,
    });
  } catch (cause) {
    clip.dispose();
    throw cause;
  }
}
