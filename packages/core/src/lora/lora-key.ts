import { diffusersLayer, layerFromKohya } from './kohya-names.js';
import type { LoraFormat } from './lora-format.js';
import type { LoraComponent } from './lora-module.js';

/** What one tensor of a LoRA file is. */
export interface LoraKey {
  readonly component: LoraComponent;
  /** In diffusers' names; null where the file names a layer that Stable Diffusion does not have. */
  readonly layer: string | null;
  readonly part: 'down' | 'up' | 'alpha';
  /** The format that this name belongs to; null for a name that several have. */
  readonly format: LoraFormat | null;
}

const prefix = '^(?:base_model\\.model\\.)?(?:(unet|diffusion_model|text_encoder_2|text_encoder)\\.)?';
const patterns = {
  kohya: /^lora_(unet|te[12]?)_(.+)\.(?:lora_(down|up)\.weight|alpha)$/,
  peft: new RegExp(`${prefix}(.+)\\.lora_([AB])(?:\\.[\\w-]+)?\\.weight$`),
  processors: new RegExp(`${prefix}(.+?)\\.(?:processor\\.)?to_(q|k|v|out)_lora\\.(down|up)\\.weight$`),
  scripts: new RegExp(`${prefix}(.+)\\.lora(_linear_layer)?\\.(down|up)\\.weight$`),
  alpha: new RegExp(`${prefix}(.+?)(?:\\.lora(?:_linear_layer)?)?\\.alpha$`),
};

const componentOf = (name: string | undefined): LoraComponent =>
  name === 'te2' || name === 'text_encoder_2'
    ? 'text_encoder_2'
    : name?.startsWith('te') === true
      ? 'text_encoder'
      : 'unet';

/** Reads the name of a tensor in any of the formats that are read; null for what is no part of a plain LoRA. */
export const parseLoraKey = (name: string): LoraKey | null => {
  const kohya = patterns.kohya.exec(name);
  if (kohya) {
    const component = componentOf(kohya[1]);
    const part = (kohya[3] ?? 'alpha') as LoraKey['part'];
    return { component, layer: layerFromKohya(component, kohya[2] ?? ''), part, format: 'kohya' };
  }
  const dotted = (
    place: string | undefined,
    layer: string,
    part: LoraKey['part'],
    format: LoraKey['format'],
  ): LoraKey => {
    const component = componentOf(place);
    return { component, layer: component === 'unet' ? diffusersLayer(layer) : layer, part, format };
  };
  const peft = patterns.peft.exec(name);
  if (peft) return dotted(peft[1], peft[2] ?? '', peft[3] === 'A' ? 'down' : 'up', 'peft');
  const old = patterns.processors.exec(name);
  if (old) {
    const [, place, layer = '', side = '', part = ''] = old;
    const text = componentOf(place) !== 'unet';
    const projection = text ? `${side}_proj` : `to_${side === 'out' ? 'out.0' : side}`;
    const format = text ? null : 'diffusers-0.21';
    return dotted(place, `${layer}.${projection}`, part as LoraKey['part'], format);
  }
  const script = patterns.scripts.exec(name);
  if (script) {
    const [, place, layer = '', linearLayer, part = ''] = script;
    const format = linearLayer === undefined ? 'diffusers-scripts' : null;
    return dotted(place, layer, part as LoraKey['part'], format);
  }
  const alpha = patterns.alpha.exec(name);
  return alpha ? dotted(alpha[1], alpha[2] ?? '', 'alpha', null) : null;
};
