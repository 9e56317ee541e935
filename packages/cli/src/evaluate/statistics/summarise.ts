import type { EvaluationResults, PromptResult } from '../evaluation-results.js';
import type { EvaluationPrompt } from '../prompts/evaluation-prompt.js';
import type { Variant } from '../variants.js';
import type { Measure } from './measures.js';
import { type Moments, meanOf, momentsOf, standardErrorOf } from './moments.js';
import { averageScoreOf, type StyleScore, styleScoreOf } from './style-score.js';
import { type WinRate, winRateOf } from './win-rate.js';

/** One measure of the pictures of one variant. */
export interface MeasureSummary extends Moments {
  /** Of the mean, over prompts. */
  readonly standardError: number | null;
  /** Against the base, prompt by prompt and seed by seed; null for the base itself. */
  readonly change: { readonly mean: number; readonly standardError: number | null } | null;
  readonly winRate: WinRate | null;
}

/** How much the pictures of a prompt differ, over prompts. */
export interface DiversitySummary {
  readonly mean: number;
  readonly standardError: number | null;
}

/** The pictures of one variant. */
export interface VariantSummary {
  readonly id: string;
  readonly label: string;
  readonly scale: number;
  readonly strategy: string | null;
  readonly measures: Readonly<Record<string, MeasureSummary>>;
  /** Null where prompts have one picture each. */
  readonly diversity: DiversitySummary | null;
}

/** The prompts of one part of the set. */
export interface SectionSummary {
  /** What the parts are: `category`, `style`. */
  readonly by: string;
  readonly name: string;
  readonly prompts: number;
  readonly variants: readonly VariantSummary[];
}

/** One measure of one variant as HPSv2's benchmark has it. */
export interface StyleTable {
  readonly variant: string;
  readonly measure: string;
  readonly styles: Readonly<Record<string, StyleScore>>;
  /** Over all prompts. */
  readonly average: number;
}

/** What there is to say about an evaluation. */
export interface Summary {
  readonly variants: readonly VariantSummary[];
  readonly sections: readonly SectionSummary[];
  readonly styles: readonly StyleTable[];
}

/** What is summarised. */
export interface Summarised {
  readonly prompts: readonly EvaluationPrompt[];
  readonly variants: readonly Variant[];
  readonly measures: readonly Measure[];
  readonly results: EvaluationResults;
}

const valuesOf = (prompts: readonly PromptResult[], measure: Measure): readonly (readonly number[])[] =>
  prompts.map(({ pictures }) => pictures.map(measure.of));

const summariseMeasure = (
  measure: Measure,
  own: readonly PromptResult[],
  base: readonly PromptResult[] | null,
): MeasureSummary => {
  const values = valuesOf(own, measure);
  const before = base && valuesOf(base, measure);
  const differences =
    before && values.map((group, i) => group.map((value, j) => value - (before[i]?.[j] ?? Number.NaN)));
  return {
    ...momentsOf(values.flat()),
    standardError: standardErrorOf(values),
    change: differences && {
      mean: meanOf(differences.flat()),
      standardError: standardErrorOf(differences),
    },
    winRate:
      differences &&
      winRateOf(differences.map((group) => group.map((difference) => difference * measure.direction))),
  };
};

const summariseVariants = (
  { variants, measures, results }: Summarised,
  indices: readonly number[],
): readonly VariantSummary[] => {
  const pick = (id: string): readonly PromptResult[] => {
    const all = results.get(id) ?? [];
    return indices.flatMap((index) => all[index] ?? []);
  };
  return variants.map(({ id, label, scale, strategy }, i) => {
    const own = pick(id);
    const base = i === 0 ? null : pick(variants[0]?.id ?? '');
    const diversity = own.flatMap((prompt) => prompt.diversity ?? []);
    return {
      id,
      label,
      scale,
      strategy,
      measures: Object.fromEntries(
        measures.map((measure) => [measure.name, summariseMeasure(measure, own, base)]),
      ),
      diversity:
        diversity.length === 0
          ? null
          : {
              mean: meanOf(diversity),
              standardError: diversity.length < 2 ? null : standardErrorOf(diversity.map((value) => [value])),
            },
    };
  });
};

/** The prompts of each part, by what the parts are and in the order in which they come. */
export const sectionsOf = (
  prompts: readonly EvaluationPrompt[],
): ReadonlyMap<string, ReadonlyMap<string, readonly number[]>> => {
  const kinds = new Map<string, Map<string, number[]>>();
  prompts.forEach(({ groups }, index) => {
    for (const [by, name] of Object.entries(groups)) {
      const parts = kinds.get(by) ?? new Map<string, number[]>();
      kinds.set(by, parts);
      const part = parts.get(name);
      if (part) part.push(index);
      else parts.set(name, [index]);
    }
  });
  return kinds;
};

const styleTables = ({ prompts, variants, measures, results }: Summarised): readonly StyleTable[] => {
  const styles = [...(sectionsOf(prompts).get('style') ?? [])];
  if (styles.length === 0) return [];
  return variants.flatMap(({ id }) =>
    measures.map((measure) => {
      // The benchmark has one picture a prompt; of several the mean counts.
      const scores = styles.map(([name, indices]) => ({
        name,
        scores: indices.flatMap((index) => {
          const pictures = results.get(id)?.[index]?.pictures;
          return pictures ? [meanOf(pictures.map(measure.of))] : [];
        }),
      }));
      return {
        variant: id,
        measure: measure.name,
        styles: Object.fromEntries(scores.map((style) => [style.name, styleScoreOf(style.scores)])),
        average: averageScoreOf(scores.map((style) => style.scores)),
      };
    }),
  );
};

/** Summarises an evaluation: all prompts together, each part of the set, and styles as HPSv2's benchmark does. */
export const summarise = (given: Summarised): Summary => ({
  variants: summariseVariants(
    given,
    given.prompts.map((_, i) => i),
  ),
  sections: [...sectionsOf(given.prompts)].flatMap(([by, parts]) =>
    parts.size < 2
      ? []
      : [...parts].map(([name, indices]) => ({
          by,
          name,
          prompts: indices.length,
          variants: summariseVariants(given, indices),
        })),
  ),
  styles: styleTables(given),
});
