import { type PluginContext, type Reward, type Tensor1D, tf } from '@draft/core';
import { clipPreprocessings, createPreprocessing, type PreprocessingOptions } from '@draft/model-clip';
import type { AdversarialOptions } from './adversarial-options.js';
import { findClass } from './classes/find-class.js';
import type { ClassifierInput } from './input/classifier-input.js';
import { loadClassifier } from './load-classifier.js';

function preprocessingOf(input: ClassifierInput, options: AdversarialOptions): PreprocessingOptions {
  if (options.preprocessing !== 'bilinear') {
    return { ...input, antialias: true, clamp: false, rounded: options.preprocessing === 'official' };
  }
  const { size, statistics } = input;
  return { size, statistics, ...clipPreprocessings.bilinear(options.antialias) };
}

/**
 * Makes the reward `log p(target | image)` of an ImageNet classifier, minus the cross-entropy to the target class.
 * @throws DraftError where the weights cannot be had or do not fit, or there is no such class.
 */
export async function createAdversarial(
  options: AdversarialOptions,
  context: PluginContext,
): Promise<Reward> {
  const classifier = await loadClassifier(options.checkpoint, context);
  try {
    const target = findClass(String(options.target), classifier.labels);
    const preprocess = createPreprocessing(preprocessingOf(classifier.input, options));
    return {
      differentiable: true,
      perSample: true,
      score: (images) =>
        tf.tidy(() => {
          const logits = classifier.network.logits(preprocess(images)); // [n, classes]
          const own = tf.slice(tf.logSoftmax(logits), [0, target], [-1, 1]); // [n, 1]
          return tf.reshape(own, [-1]) as Tensor1D; // [n]
        }),
      dispose: classifier.dispose,
    };
  } catch (cause) {
    classifier.dispose();
    throw cause;
  }
}
