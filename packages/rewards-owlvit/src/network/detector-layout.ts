import { renameTensors, type TensorSource } from '@draft/core';

/** OWL-ViT's name of a tensor as a CLIP model would have it; those of the heads stay. */
const toClip = (name: string): string =>
  name.replace(/^owlvit\./, '').replace(/^vision_model\.pre_layernorm\./, 'vision_model.pre_layrnorm.');

/** The way back, for messages. */
const fromClip = (name: string): string =>
  name
    .replace(/^(text_model|vision_model|text_projection|visual_projection|logit_scale)\b/, 'owlvit.$1')
    .replace('.pre_layrnorm.', '.pre_layernorm.');

/** Shows an OWL-ViT checkpoint with its towers named as CLIP's. Messages keep the file's own names. */
export const detectorLayout = (source: TensorSource): TensorSource => renameTensors(source, toClip, fromClip);
