import { DraftError } from '@draft/core/plugins';
import type { LoraChoice } from '../config/parse-lora.js';
import type { StrategyName } from '../strategies/strategy-names.js';

/** One of those that are compared: the base model, LoRAs at one scale, or a strategy on the base model. */
export interface Variant {
  /** In file names and tables: `base`, `lora-0.5`, `best-of`. */
  readonly id: string;
  /** For people. */
  readonly label: string;
  /** What the LoRAs are multiplied by; 0 without them. */
  readonly scale: number;
  /** How strongly each LoRA applies. */
  readonly strengths: readonly number[];
  readonly strategy: StrategyName | null;
}

const invalid = (message: string) => new DraftError('DRAFT_OPTION_INVALID', message);

const text = (scale: number): string => String(Number(scale.toPrecision(6)));

/**
 * Lists what is compared: the base model first, then the LoRAs at their scales, then strategies.
 * @throws DraftError `DRAFT_OPTION_INVALID` where scales or strategies come twice, or there are scales without a LoRA.
 */
export const listVariants = (
  loras: readonly LoraChoice[],
  scales: readonly number[] | undefined,
  strategies: readonly StrategyName[],
): readonly Variant[] => {
  if (scales !== undefined && loras.length === 0) {
    throw invalid('--scales needs a LoRA: give one with --lora.');
  }
  const own = loras.length === 0 ? [] : (scales ?? [1]).filter((scale) => scale !== 0);
  for (const list of [own, strategies] as const) {
    const twice = list.find((item, i) => list.some((other, j) => j < i && other === item));
    if (twice !== undefined) {
      throw invalid(
        `${typeof twice === 'number' ? '--scales' : '--strategy'} has ${twice} twice: give it once.`,
      );
    }
  }
  const off = loras.map(() => 0);
  return [
    { id: 'base', label: 'base', scale: 0, strengths: off, strategy: null },
    ...own.map((scale) => ({
      id: `lora-${text(scale)}`,
      label: `LoRA × ${text(scale).replace('-', '−')}`,
      scale,
      strengths: loras.map(({ strength }) => strength * scale),
      strategy: null,
    })),
    ...strategies.map((strategy) => ({ id: strategy, label: strategy, scale: 0, strengths: off, strategy })),
  ];
};

/** The variant whose wins and extremes a report shows: the LoRAs at the last of their scales, else the last of all; undefined where there is only the base. */
export const subjectOf = <Own extends { readonly scale: number; readonly strategy: string | null }>(
  variants: readonly Own[],
): Own | undefined =>
  variants.findLast(({ scale }) => scale !== 0) ?? variants.findLast(({ strategy }) => strategy !== null);
