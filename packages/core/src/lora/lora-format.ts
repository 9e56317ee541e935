/** How the tensors of a LoRA file are called, which tells the program that wrote it. */
export type LoraFormat =
  | 'peft'
  | 'kohya'
  | 'diffusers-0.21'
  | 'diffusers-scripts'
  | 'lycoris'
  | 'dora'
  | 'none';

/** What a user calls each format that cannot be read. */
export const loraFormatNames: Readonly<Record<Exclude<LoraFormat, 'peft' | 'none'>, string>> = {
  kohya: 'the format of kohya’s scripts, A1111 and ComfyUI',
  'diffusers-0.21': 'the format of diffusers before 0.22',
  'diffusers-scripts': 'the format of diffusers’ older training scripts',
  lycoris: 'the LyCORIS format (LoHa or LoKr), which is no plain LoRA',
  dora: 'the DoRA format, which also holds magnitudes',
};

const signs: readonly (readonly [LoraFormat, RegExp])[] = [
  ['lycoris', /\.(hada_|lokr_|oft_)/],
  ['dora', /lora_magnitude_vector|\.dora_scale$/],
  ['kohya', /^lora_(unet|te\d?)_|\.lora_(down|up)\.weight$/],
  ['diffusers-0.21', /\.processor\.|_lora\.(down|up)\.weight$/],
  ['diffusers-scripts', /\.lora\.(down|up)\.weight$|\.lora_linear_layer\./],
  ['peft', /\.lora_[AB]\.weight$/],
];

/** The format of a file that holds tensors of these names. */
export const loraFormat = (names: readonly string[]): LoraFormat =>
  signs.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0] ?? 'none';
