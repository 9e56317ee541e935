import { join } from 'node:path';
import {
  createRandomSource as createCoreRandom,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createPreprocessing, loadTokenizer } from '@draft/model-clip';
import { createDetector, parseDetectorConfig } from '@draft/reward-owlvit';
import { withArticle } from '../data/caption.js';
import { createRandomSource, mixSeed } from '../data/random-source.js';
import {
  initialValues,
  listParameters,
  type Parameter,
  parameterCount,
  weightsFrom,
} from '../pretrain/parameters.js';
import { averageOf } from '../pretrain/train-diffusion.js';
import { runTraining, towers } from '../pretrain/training-loop.js';
import { clipConfig } from './clip-architecture.js';
import { detectorLoss } from './detector-loss.js';
import { cells, type DetectorTargets, detectorLabels, detectorTargets } from './detector-targets.js';
import { drawBatch } from './draw-batch.js';
import { side } from './judge-scenes.js';
import type { JudgeTraining } from './judge-training.js';
import { clipParameters } from './train-clip.js';

const batchSize = 64;

/** How queries are put; one way for each half batch. */
const templates = [
  (name: string) => name,
  withArticle,
  (name: string) => `a photo of ${withArticle(name)}`,
  (name: string) => `a picture of ${withArticle(name)}`,
];

/** `config.json` of the detector: the CLIP judge's towers, projected to the width of the text tower. */
export const detectorConfig = (vocabularySize: number) => {
  const { text_config: text, vision_config: vision } = clipConfig(vocabularySize);
  const { projection_dim: _, ...textFields } = text;
  const { projection_dim: __, ...visionFields } = vision;
  return {
    architectures: ['OwlViTForObjectDetection'],
    model_type: 'owlvit',
    projection_dim: text.hidden_size,
    logit_scale_init_value: 2.6592,
    text_config: { ...textFields, model_type: 'owlvit_text_model', pad_token_id: 0 },
    vision_config: { ...visionFields, model_type: 'owlvit_vision_model' },
  };
};

/** The detector's weights in one vector, its towers named as CLIP's. */
export const detectorParameters = (vocabularySize: number) => {
  const config = parseDetectorConfig(detectorConfig(vocabularySize));
  return { config, parameters: listParameters((weights) => createDetector(config, weights)) };
};

/** The CLIP judge's towers, and heads that see nothing at first. */
const initial = (
  parameters: readonly Parameter[],
  clip: { readonly parameters: readonly Parameter[]; readonly values: Float32Array },
  normal: (count: number) => Float32Array,
): Float32Array => {
  const values = initialValues(parameters, normal);
  for (const { name, offset, size } of parameters) {
    const part = values.subarray(offset, offset + size);
    const known = clip.parameters.find((parameter) => parameter.name === name && parameter.size === size);
    if (known) part.set(clip.values.subarray(known.offset, known.offset + size));
    if (/^(box_head\.dense2|class_head\.logit_(shift|scale))\.weight$/.test(name)) part.fill(0);
    // A cosine of 0 begins at odds of e⁻⁴.
    if (name === 'class_head.logit_shift.bias') part.fill(-0.7);
    if (name === 'class_head.logit_scale.bias') part.fill(5);
  }
  return values;
};

/** Trains the detector, from the CLIP judge's towers on, on all scenes. */
export const trainDetector = async (training: JudgeTraining): Promise<Float32Array> => {
  const { runtime, scenes, soft, folder, steps, peak } = training;
  const { encode, length, vocabularySize } = await loadTokenizer(training.tokenizer);
  const { config, parameters } = detectorParameters(vocabularySize);
  console.log(`detector: ${parameterCount(parameters)} parameters`);
  const preprocess = createPreprocessing({
    size: side,
    kernel: 'bicubic',
    antialias: true,
    fit: 'stretch',
    clamp: true,
  });
  const normal = createCoreRandom(6, 'detector').child('initial');
  const labels = detectorLabels.length;

  return runTraining(runtime, {
    name: 'judge-detector',
    folder,
    parameters,
    steps,
    peakLearningRate: peak,
    warmup: 200,
    initial: () =>
      initial(
        parameters,
        {
          parameters: clipParameters(vocabularySize).parameters,
          values: averageOf(join(folder, 'judge-clip.state')),
        },
        (count) => normal.normal(count),
      ),
    batch(step) {
      const random = createRandomSource(mixSeed(36, step));
      const { pictures, facts, movements } = drawBatch({ scenes, soft }, batchSize, random);
      const count = cells * cells;
      const targets = facts.map(({ objects }, i) => detectorTargets(objects, movements[i]!));
      const joined = (part: keyof DetectorTargets, width: number): Float32Array => {
        const all = new Float32Array(batchSize * count * width);
        targets.forEach((target, i) => {
          all.set(target[part], i * count * width);
        });
        return all;
      };
      const ids = new Int32Array(towers * labels * length);
      for (let tower = 0; tower < towers; tower++) {
        const template = random.pick(templates);
        detectorLabels.forEach((label, i) => {
          ids.set(encode(template(label)), (tower * labels + i) * length);
        });
      }
      return {
        pictures: tf.tensor4d(pictures, [batchSize, side, side, 3]),
        classes: tf.tensor3d(joined('classes', labels), [batchSize, count, labels]),
        judged: tf.tensor3d(joined('judged', labels), [batchSize, count, labels]),
        boxes: tf.tensor3d(joined('boxes', 4), [batchSize, count, 4]),
        mask: tf.tensor2d(joined('mask', 1), [batchSize, count]),
        ids: tf.tensor2d(ids, [towers * labels, length], 'int32'),
      };
    },
    loss(parts, inputs): Scalar {
      const { pictures, classes, judged, boxes, mask, ids } = inputs as Record<string, Tensor>;
      const detector = createDetector(config, weightsFrom(parameters, parts));
      const queries = detector.text.embed(ids as Tensor2D);
      const { logits, boxes: predicted } = detector.detect(preprocess(pictures as Tensor4D), queries);
      const wanted = { classes: classes!, judged: judged!, boxes: boxes!, mask: mask! };
      return detectorLoss({ logits, predicted, ...wanted });
    },
  });
};
