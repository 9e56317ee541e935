import { DraftError } from '../errors/draft-error.js';

const unsupported = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: ${reason}.`);

/**
 * `α / r` of a file with PEFT's names. Without a word about it readers take `α = r`; diffusers may add the
 * training's configuration as JSON under `lora_adapter_metadata`, its keys prefixed by `unet.`.
 * @throws DraftError `DRAFT_LORA_INVALID` where that configuration cannot be understood.
 */
export const loraScale = (path: string, metadata: Readonly<Record<string, string>>, rank: number): number => {
  const text = metadata.lora_adapter_metadata;
  if (text === undefined) return 1;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: its metadata is no JSON.`, {
      cause,
    });
  }
  const fields = new Map(Object.entries(config ?? {}));
  const field = (name: string): unknown => fields.get(`unet.${name}`) ?? fields.get(name);
  const alpha = field('lora_alpha') ?? rank;
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) {
    throw unsupported(path, `its metadata says lora_alpha is ${JSON.stringify(alpha)}, not a number`);
  }
  if (Object.keys(field('alpha_pattern') ?? {}).length > 0) {
    throw unsupported(path, 'its metadata gives layers an alpha of their own, which is not supported');
  }
  return alpha / (field('use_rslora') === true ? Math.sqrt(rank) : rank);
};
