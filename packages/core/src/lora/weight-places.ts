import type { LoraModule } from './lora-module.js';
import { diffusersToSgm } from './sgm-blocks.js';

/** Where a file may hold the weight of a layer. */
export interface WeightPlace {
  readonly name: string;
  /** Which third of its rows is the layer's, where queries, keys and values are one weight. */
  readonly third?: 0 | 1 | 2;
}

/** What a layer of a text encoder's block is called by open_clip. */
const openClipParts: Readonly<Record<string, string>> = {
  'self_attn.out_proj': 'attn.out_proj',
  'mlp.fc1': 'mlp.c_fc',
  'mlp.fc2': 'mlp.c_proj',
};

/** In a single file of Stable Diffusion 1.x or SDXL, with the names of the original code. */
const unetInSingleFile = (layer: string): readonly WeightPlace[] => {
  const name = diffusersToSgm(layer);
  if (name === null) return [];
  // What doubles an image comes after the attention of its block, where there is some.
  const names = name.endsWith('.2.conv') ? [name, name.replace(/\.2\.conv$/, '.1.conv')] : [name];
  return names.map((own) => ({ name: `model.diffusion_model.${own}.weight` }));
};

const secondTextInSingleFile = (layer: string): readonly WeightPlace[] => {
  const [, index, part = ''] = /^text_model\.encoder\.layers\.(\d+)\.(.+)$/.exec(layer) ?? [];
  if (index === undefined) return [];
  const block = `conditioner.embedders.1.model.transformer.resblocks.${index}`;
  const third = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'].indexOf(part);
  if (third >= 0) return [{ name: `${block}.attn.in_proj_weight`, third: third as 0 | 1 | 2 }];
  const own = openClipParts[part];
  return own === undefined ? [] : [{ name: `${block}.${own}.weight` }];
};

/** The names under which a component's file in diffusers layout, or a single file, may hold a layer's weight. */
export const weightPlaces = ({ component, layer }: LoraModule): readonly WeightPlace[] => {
  const own = [{ name: `${layer}.weight` }];
  if (component === 'unet') return [...own, ...unetInSingleFile(layer)];
  const short = [...own, { name: `${layer.replace(/^text_model\./, '')}.weight` }];
  return component === 'text_encoder_2'
    ? [...short, ...secondTextInSingleFile(layer)]
    : [
        ...short,
        { name: `cond_stage_model.transformer.${layer}.weight` },
        { name: `conditioner.embedders.0.transformer.${layer}.weight` },
      ];
};
