import { DraftError, type TensorEntry } from '@draft/core';

/** An architecture whose single files can be loaded. */
export type SingleFileArchitecture = 'sd_v1' | 'sdxl_base_v1-0';

/** What a single file is. */
export interface IdentifiedFile {
  readonly architecture: SingleFileArchitecture;
  /** Where the weights of its first text encoder begin. */
  readonly textPrefix: string;
  /** Where the weights of its autoencoder begin. */
  readonly vaePrefix: string;
  /** Whether the file says that it predicts velocities. */
  readonly velocity: boolean;
}

type Entries = ReadonlyMap<string, Pick<TensorEntry, 'shape'>>;

const unetPrefix = 'model.diffusion_model.';
const vaePrefixes = ['first_stage_model.', 'vae.'] as const;
const textPrefixes = {
  sd_v1: ['cond_stage_model.transformer.'],
  'sdxl_base_v1-0': ['conditioner.embedders.0.transformer.'],
} as const;
const secondTextPrefix = 'conditioner.embedders.1.model.';

/** What other files are, by a name that they hold, and what to do with them. */
const others: readonly (readonly [RegExp, string])[] = [
  [
    /lora_(?:up|down|A|B|mid)\b|\.lora\.(?:up|down)|_lora\.(?:up|down)|\.(?:hada_w1_a|lokr_w1|dora_scale)/,
    'a LoRA: give it with --lora, and the model that it was made for with --model',
  ],
  [
    /^control_model\.|input_hint_block|controlnet_cond_embedding/,
    'a ControlNet, which makes no pictures alone',
  ],
  [/motion_modules/, 'a motion module of AnimateDiff, which makes no pictures alone'],
  [/^(?:image_proj|ip_adapter)\./, 'an IP-Adapter, which makes no pictures alone'],
  [/^(?:emb_params|string_to_param|clip_[lg])$|^<[^>]+>$/, 'a textual inversion, the embedding of a word'],
  [/(?:double|single)_blocks\.|single_transformer_blocks\./, 'Flux, or a diffusion transformer of its kind'],
  [/joint_blocks\.|context_embedder\./, 'Stable Diffusion 3'],
  [/^(?:model\.diffusion_model\.)?(?:blocks|layers|transformer_blocks)\.\d/, 'a diffusion transformer'],
  [
    /^(?:down_blocks|mid_block)\..*(?:attn2|time_emb_proj)/,
    "diffusers' UNet without the other parts: give the folder with model_index.json, which holds them all",
  ],
  [
    /^(?:(?:first_stage_model|vae)\.)?(?:encoder|decoder)\.(?:conv_in|mid|up|down)/,
    'a VAE alone: give a whole model, which holds a UNet and a text encoder too',
  ],
  [/^(?:visual|vision_model)\./, 'a CLIP model, which judges pictures and makes none'],
  [/text_model\.|^transformer\.resblocks\./, 'a text encoder alone: give a whole model'],
];

/** Input channels of UNets that need more than latents. */
const tasks: Readonly<Record<number, string>> = {
  9: 'an inpainting model, which needs a picture and a mask',
  8: 'a model that edits pictures (InstructPix2Pix), which needs one',
  7: 'an upscaler, which needs a picture',
  5: 'a model that needs a depth map',
};

const refuse = (path: string, what: string): never => {
  throw new DraftError(
    'DRAFT_MODEL_UNSUPPORTED',
    `${path} is ${what}; single files of Stable Diffusion 1.x and of SDXL base that make pictures from text can be loaded.`,
  );
};

function identifyOther(entries: Entries, path: string): never {
  const names = [...entries.keys()];
  const found = others.find(([pattern]) => names.some((name) => pattern.test(name)));
  if (found) return refuse(path, found[1]);
  const shown = names
    .slice(0, 3)
    .map((name) => JSON.stringify(name.slice(0, 80)))
    .join(', ');
  throw new DraftError(
    'DRAFT_MODEL_UNSUPPORTED',
    `${path} is no checkpoint of Stable Diffusion: it holds ${names.length} tensors (${shown}${
      names.length > 3 ? ', …' : ''
    }), none of which begin with ${unetPrefix}input_blocks.`,
  );
}

/** Width of the text states that a UNet reads; undefined where it reads none. */
function contextWidth(entries: Entries): number | undefined {
  for (const [name, { shape }] of entries) {
    if (name.startsWith(unetPrefix) && name.endsWith('.attn2.to_k.weight')) return shape[1];
  }
  return undefined;
}

/**
 * Tells what a single file of weights is by the names and shapes of its tensors.
 * @param path For messages.
 * @throws DraftError `DRAFT_MODEL_UNSUPPORTED`, which says what the file is where that is known, and what it lacks.
 */
export function identifyCheckpoint(entries: Entries, path: string): IdentifiedFile {
  const first = entries.get(`${unetPrefix}input_blocks.0.0.weight`);
  if (!first) return identifyOther(entries, path);
  const task = tasks[first.shape[1] ?? 0];
  if (task !== undefined) return refuse(path, task);
  const has = (prefix: string) => [...entries.keys()].some((name) => name.startsWith(prefix));
  const width = contextWidth(entries);
  const large = has('conditioner.');
  if (width === 1024 || (!large && has('cond_stage_model.model.'))) {
    return refuse(
      path,
      'Stable Diffusion 2.x, whose single files do not say whether they predict noise or velocity: give it as a folder in diffusers layout',
    );
  }
  if (width === 1280 || (large && !has(secondTextPrefix))) {
    return refuse(path, "SDXL's refiner, which improves finished pictures: give the base model");
  }
  const architecture: SingleFileArchitecture = large || width === 2048 ? 'sdxl_base_v1-0' : 'sd_v1';
  const vaePrefix = vaePrefixes.find(has);
  const textPrefix = textPrefixes[architecture].find(has);
  const missing = [
    ...(vaePrefix === undefined ? ['no VAE'] : []),
    ...(textPrefix === undefined ? ['no text encoder'] : []),
  ];
  if (vaePrefix === undefined || textPrefix === undefined) {
    return refuse(path, `a UNet with ${missing.join(' and ')}: give a file that holds the whole model`);
  }
  if (entries.has('ztsnr')) {
    return refuse(path, 'a model for noise without any signal at the last timestep (zero terminal SNR)');
  }
  return { architecture, textPrefix, vaePrefix, velocity: entries.has('v_pred') };
}
