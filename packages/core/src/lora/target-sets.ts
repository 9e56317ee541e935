import type { AdaptableLayer } from '../contracts/diffusion-model.js';
import { DraftError } from '../errors/draft-error.js';
import { nearestName } from '../plugins/nearest-name.js';

/** Layers that a LoRA adapts, by name. A pattern may stand wherever a name does. */
const sets: Readonly<Record<string, RegExp>> = {
  attention: /\.attn[12]\.to_(q|k|v|out\.0)$/,
  'self-attention': /\.attn1\.to_(q|k|v|out\.0)$/,
  'cross-attention': /\.attn2\.to_(q|k|v|out\.0)$/,
  'feed-forward': /\.ff\.net\.(0\.proj|2)$/,
  'all-linear': /(?:)/,
};

/** The named target sets: `attention`, `self-attention`, `cross-attention`, `feed-forward`, `all-linear`. */
export const loraTargetSets: readonly string[] = Object.keys(sets);

/**
 * What is adapted where nothing is said: all attention projections. That is what the peers and diffusers' own
 * scripts train, and every program that loads LoRAs knows these layers. (The DRaFT paper adapts `cross-attention`
 * and `feed-forward`.)
 */
export const defaultLoraTargets: readonly string[] = ['attention'];

const invalid = (message: string) => new DraftError('DRAFT_LORA_TARGETS', message);

/** A name of a set, a regular expression between slashes, or a layer name in which `*` stands for any letters. */
const matcher = (target: string): RegExp => {
  if (Object.hasOwn(sets, target)) return sets[target]!;
  if (target.length > 2 && target.startsWith('/') && target.endsWith('/')) {
    try {
      return new RegExp(target.slice(1, -1));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DraftError('DRAFT_LORA_TARGETS', `The LoRA target ${target} is no pattern: ${reason}.`, {
        cause,
      });
    }
  }
  const literal = target.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`);
};

const unmatched = (target: string, layers: readonly AdaptableLayer[]): DraftError => {
  const meant = nearestName(target, loraTargetSets);
  const examples = [layers[0], layers[Math.floor(layers.length / 2)], layers.at(-1)];
  const names = [...new Set(examples.flatMap((layer) => (layer ? [layer.name] : [])))];
  return invalid(
    `The LoRA target ${JSON.stringify(target)} matches no layer of this model.${meant ? ` Did you mean ${meant}?` : ''} ` +
      `Named sets are ${loraTargetSets.join(', ')}; a pattern is matched against layer names such as ${names.join(', ')}.`,
  );
};

/** The targets of a list whose entries may hold several, separated by commas. */
const separate = (targets: readonly string[]): string[] =>
  targets
    .flatMap((target) => (target.startsWith('/') ? [target] : target.split(',')))
    .map((target) => target.trim())
    .filter((target) => target !== '');

/**
 * The layers that any of the targets names, in the model's order.
 * @param targets Names of sets, layer names with `*` for any letters, several of them separated by commas, or
 * `/regular expressions/`.
 * @throws DraftError `DRAFT_LORA_TARGETS` where there is no target, or one of them matches nothing.
 */
export const selectLoraLayers = (
  layers: readonly AdaptableLayer[],
  targets: readonly string[] = defaultLoraTargets,
): AdaptableLayer[] => {
  const wanted = separate(targets);
  if (wanted.length === 0) {
    throw invalid(`A LoRA needs layers to adapt: name at least one of ${loraTargetSets.join(', ')}.`);
  }
  const matchers = wanted.map((target) => {
    const pattern = matcher(target);
    if (!layers.some(({ name }) => pattern.test(name))) throw unmatched(target, layers);
    return pattern;
  });
  return layers.filter(({ name }) => matchers.some((pattern) => pattern.test(name)));
};
