import { DraftError } from '../errors/draft-error.js';

const unsupported = (path: string, reason: string) =>
  new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: ${reason}.`);

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parse = (path: string, text: string): Fields => {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw new DraftError('DRAFT_LORA_INVALID', `${path} cannot be used as a LoRA: its metadata is no JSON.`, {
      cause,
    });
  }
  if (!isFields(config)) throw unsupported(path, 'its metadata is no set of settings');
  return config;
};

/** The alpha that a pattern of PEFT's gives a layer: the layer's name, or the end of it from a dot on. */
const patternAlpha = (path: string, pattern: unknown, layer: string): unknown => {
  if (pattern === undefined || pattern === null) return undefined;
  if (!isFields(pattern)) throw unsupported(path, 'the alphas of its layers are no set of numbers');
  for (const [name, alpha] of Object.entries(pattern)) {
    if (!/^[\w.]+$/.test(name)) {
      throw unsupported(
        path,
        `its metadata gives layers like ${JSON.stringify(name)} an alpha of their own, which is not supported`,
      );
    }
    if (layer === name || layer.endsWith(`.${name}`)) return alpha;
  }
  return undefined;
};

/**
 * How a file with PEFT's names scales the update of a layer: `α / r`. Without a word about it readers take `α = r`;
 * diffusers may add the training's configuration as JSON under `lora_adapter_metadata`, its keys prefixed by the
 * component, `unet.`.
 * @throws DraftError `DRAFT_LORA_INVALID` where that configuration cannot be understood.
 */
export const loraScales = (
  path: string,
  metadata: Readonly<Record<string, string>>,
): ((component: string, layer: string, rank: number) => number) => {
  const text = metadata.lora_adapter_metadata;
  if (text === undefined) return () => 1;
  const config = parse(path, text);
  return (component, layer, rank) => {
    const field = (name: string): unknown => config[`${component}.${name}`] ?? config[name];
    const alpha = patternAlpha(path, field('alpha_pattern'), layer) ?? field('lora_alpha') ?? rank;
    if (typeof alpha !== 'number' || !Number.isFinite(alpha)) {
      throw unsupported(path, `its metadata says lora_alpha is ${JSON.stringify(alpha)}, not a number`);
    }
    return alpha / (field('use_rslora') === true ? Math.sqrt(rank) : rank);
  };
};
