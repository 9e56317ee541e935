import { type PluginContext, type Reward, type Tensor1D, type Tensor2D, tf } from '@draft/core';
import { clipPreprocessings, createPreprocessing, createPromptEmbeddings } from '@draft/model-clip';
import { detectionMeasures } from './detection-measures.js';
import { loadDetector } from './load-detector.js';
import type { OwlvitOptions } from './owlvit-options.js';

/** The preprocessings of CLIP's towers that those of the same kernel here are, but for their fit. */
const likeClip = { official: 'official', unrounded: 'crop', bilinear: 'bilinear' } as const;

/**
 * Makes the reward of what OWL-ViT finds for the queries, or of its absence.
 * @throws DraftError where the weights cannot be had or do not fit; it names the repository and the file.
 */
export async function createOwlvit(options: OwlvitOptions, context: PluginContext): Promise<Reward> {
  const { mode, threshold, checkpoint, tokenizer } = options;
  const queries = typeof options.queries === 'string' ? [options.queries] : options.queries;
  const detector = await loadDetector({ checkpoint, tokenizer, context });
  const texts = createPromptEmbeddings(context.runtime, detector.network.text, detector.tokenizer);
  const measure = detectionMeasures[options.measure];
  const preprocess = createPreprocessing({
    size: detector.config.vision.imageSize,
    ...clipPreprocessings[likeClip[options.preprocessing]](options.antialias),
    fit: 'stretch',
    statistics: detector.statistics,
  });
  return {
    differentiable: true,
    perSample: true,
    // A row an image, as of whatever depends on an image, although all are asked the same.
    async prepare({ prompts }) {
      const asked = await texts.embed(queries); // [queries, width]
      const rows = tf.tidy(() => tf.tile(tf.expandDims(asked, 0), [prompts.length, 1, 1]));
      asked.dispose();
      return { queries: rows }; // [n, queries, width]
    },
    score: (images, { queries: rows }) =>
      tf.tidy(() => {
        const asked = tf.squeeze(tf.slice(rows!, [0, 0, 0], [1, -1, -1]), [0]) as Tensor2D;
        const found = detector.network.detect(preprocess(images), asked);
        const measured = measure(found, threshold); // [n]
        return mode === 'detection' ? measured : (tf.neg(measured) as Tensor1D);
      }),
    dispose() {
      texts.dispose();
      detector.dispose();
    },
  };
}
