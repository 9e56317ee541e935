import { renameTensors, type TensorSource } from '@draft/core';
import { fromTransformers, toTransformers } from './transformers-names.js';

/** Whether a checkpoint is in the layout of transformers' ResNetForImageClassification. */
export const isTransformersLayout = ({ entries }: TensorSource): boolean =>
  [...entries.keys()].some((name) => name.startsWith('resnet.'));

/** Shows a checkpoint in transformers' layout under timm's names. Messages keep the file's own names. */
export const transformersLayout = (source: TensorSource): TensorSource =>
  renameTensors(source, fromTransformers, toTransformers);
