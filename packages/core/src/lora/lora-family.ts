import type { LoraModule } from './lora-module.js';

/** An architecture in kohya's terms (`ss_base_model_version`). */
export type LoraFamily = 'sd_v1' | 'sd_v2' | 'sdxl_base_v1-0';

/** What each architecture is called, by kohya and by the model specification of Stability AI. */
export const loraFamilies: Readonly<
  Record<LoraFamily, { readonly name: string; readonly specification: string; readonly context: number }>
> = {
  sd_v1: { name: 'Stable Diffusion 1.x', specification: 'stable-diffusion-v1/lora', context: 768 },
  sd_v2: { name: 'Stable Diffusion 2.x', specification: 'stable-diffusion-v2-768-v/lora', context: 1024 },
  'sdxl_base_v1-0': {
    name: 'Stable Diffusion XL',
    specification: 'stable-diffusion-xl-v1-base/lora',
    context: 2048,
  },
};

/** Signs of networks that are no UNet of Stable Diffusion. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/(double|single)_blocks|single_transformer_blocks/, 'Flux, or a diffusion transformer of its kind'],
  [/joint_blocks|\.attn\.add_(q|k|v)_proj|context_block/, 'Stable Diffusion 3'],
  [/^lora_prior_|^prior\./, 'a prior network, as of Stable Cascade or Kandinsky'],
  [
    /^lora_transformer_|^transformer\.|^lora_te3_|^diffusion_model\.(blocks|layers)\./,
    'a diffusion transformer',
  ],
  [/motion_modules/, 'a motion module of AnimateDiff'],
];

/** What a file with tensors of these names is for, where that is no Stable Diffusion with a UNet. */
export const foreignFamily = (names: readonly string[]): string | undefined =>
  foreign.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];

/** The architecture that a text of a model's or file's metadata names. */
export const familyNamed = (text: string | undefined): LoraFamily | undefined => {
  if (text === undefined) return undefined;
  if (/^sdxl|stable-diffusion-xl/i.test(text)) return 'sdxl_base_v1-0';
  if (/^sd_?v?2|stable-diffusion-v2/i.test(text)) return 'sd_v2';
  return /^sd_?v?1|stable-diffusion-v1/i.test(text) ? 'sd_v1' : undefined;
};

/**
 * The architecture that a LoRA is for: by the width of what its cross-attention reads, else by layers that only
 * SDXL has, else by what the file says of itself; undefined where nothing tells.
 */
export const loraFamily = (
  modules: readonly Pick<LoraModule, 'component' | 'layer' | 'inFeatures'>[],
  metadata: Readonly<Record<string, string>>,
): LoraFamily | undefined => {
  const cross = modules.find(
    ({ component, layer }) => component === 'unet' && /\.attn2\.to_[kv]$/.test(layer),
  );
  for (const [family, { context }] of Object.entries(loraFamilies)) {
    if (cross?.inFeatures === context) return family as LoraFamily;
  }
  const stated =
    familyNamed(metadata['modelspec.architecture']) ?? familyNamed(metadata.ss_base_model_version);
  if (stated !== undefined) return stated;
  const xl = modules.some(
    ({ component, layer }) =>
      component === 'text_encoder_2' || /\.transformer_blocks\.[1-9]|^add_embedding/.test(layer),
  );
  return xl ? 'sdxl_base_v1-0' : undefined;
};
