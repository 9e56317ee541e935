/** How the tensors of a LoRA file are called, which tells the program that wrote it. */
export type LoraFormat = 'peft' | 'kohya' | 'diffusers-0.21' | 'diffusers-scripts';

/** What a user calls each format. */
export const loraFormatNames: Readonly<Record<LoraFormat, string>> = {
  peft: 'PEFT’s names, as diffusers writes them',
  kohya: 'the format of kohya’s scripts, A1111 and ComfyUI',
  'diffusers-0.21': 'the format of diffusers before 0.22',
  'diffusers-scripts': 'the format of diffusers’ older training scripts',
};

/** What a file may hold that is more than, or other than, `Δ = (α / r) · B · A`. */
const others: readonly (readonly [RegExp, string])[] = [
  [/\.hada_/, 'a LoHa of LyCORIS'],
  [/\.lokr_/, 'a LoKr of LyCORIS'],
  [/\.(oft_|boft_)|\.oft_blocks$/, 'orthogonal fine-tuning (OFT)'],
  [/\.(on_input|ia3_)/, 'an IA³'],
  [/\.(a1|a2|b1|b2)\.weight$/, 'a GLoRA of LyCORIS'],
  [/lora_magnitude_vector|\.dora_scale$/, 'a DoRA, which also holds magnitudes'],
  [/\.lora_mid\.weight$/, 'a LoCon with a Tucker decomposition (lora_mid)'],
  [/\.(diff|diff_b|set_weight|w_norm|b_norm)$/, 'whole differences of weights'],
  [/\.lora_[AB](\.[\w-]+)?\.bias$|\.lora_(up|down)\.bias$/, 'a LoRA with biases'],
  [/^emb_params$|^string_to_param|^clip_[lg]$/, 'a textual inversion, no LoRA'],
];

/** What a file with tensors of these names is, where that is a kind of adapter that is not read. */
export const unreadKind = (names: readonly string[]): string | undefined =>
  others.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
