import { join } from 'node:path';
import type { TensorToStore } from '@draft/core';
import { animalNames } from '../data/animals.js';
import { storedWeights, writeJudge } from './export-judge.js';
import type { JudgeTraining } from './judge-training.js';
import {
  classifierMoments,
  classifierParameters,
  imagenetStatistics,
  resnetConfig,
} from './train-classifier.js';

/** The name of a weight in transformers' ResNetForImageClassification, from timm's. */
export const transformersName = (name: string): string => {
  const block = /^layer(\d+)\.(\d+)\.(?:(conv|bn)(\d)|downsample\.([01]))\.(.+)$/.exec(name);
  if (block) {
    const [, stage, index, kind, place, shortcut, rest] = block;
    const part = kind === 'conv' || shortcut === '0' ? 'convolution' : 'normalization';
    const own = place === undefined ? 'shortcut' : `layer.${Number(place) - 1}`;
    return `resnet.encoder.stages.${Number(stage) - 1}.layers.${index}.${own}.${part}.${rest}`;
  }
  return name
    .replace(/^conv1\./, 'resnet.embedder.embedder.convolution.')
    .replace(/^bn1\./, 'resnet.embedder.embedder.normalization.')
    .replace(/^fc\./, 'classifier.1.');
};

const byNumber = Object.fromEntries(animalNames.map((name, index) => [String(index), name]));

/** `config.json`. */
const config = {
  architectures: ['ResNetForImageClassification'],
  model_type: 'resnet',
  num_channels: 3,
  embedding_size: resnetConfig.stemWidth,
  hidden_sizes: resnetConfig.stages.map(({ width }) => width),
  depths: resnetConfig.stages.map(({ blocks }) => blocks),
  layer_type: 'basic',
  hidden_act: 'relu',
  downsample_in_first_stage: false,
  downsample_in_bottleneck: false,
  id2label: byNumber,
  label2id: Object.fromEntries(animalNames.map((name, index) => [name, index])),
};

/** `preprocessor_config.json`. */
const preprocessor = {
  image_processor_type: 'ConvNextImageProcessor',
  crop_pct: 1,
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: imagenetStatistics.mean,
  image_std: imagenetStatistics.deviation,
  resample: 3,
  rescale_factor: 1 / 255,
  size: { shortest_edge: 64 },
};

/** Writes the classifier as transformers' ResNetForImageClassification. */
export const exportClassifier = async (
  folder: string,
  values: Float32Array,
  training: Pick<JudgeTraining, 'runtime' | 'scenes' | 'soft'>,
): Promise<void> => {
  const tensors = storedWeights(classifierParameters(), values, transformersName);
  for (const [norm, { mean, variance }] of await classifierMoments(training, values)) {
    const store = (part: string, data: Float32Array): void => {
      const kept: TensorToStore = { dtype: 'F16', shape: [data.length], data };
      tensors[transformersName(`${norm}.${part}`)] = kept;
    };
    store('running_mean', mean);
    store('running_var', variance);
  }
  writeJudge(join(folder, 'classifier'), tensors, {
    'config.json': config,
    'preprocessor_config.json': preprocessor,
  });
};
