import { readRunJson } from '../run/run-folder.js';
import { collectContender } from './collect-contender.js';
import type { Comparison } from './comparison.js';
import { rewardBefore } from './comparison-figures.js';
import type { ComparisonPlaces } from './comparison-places.js';
import type { ComparisonPlan } from './comparison-plan.js';
import { readDiversity } from './measure-diversity.js';
import { queryAdvantage } from './query-advantage.js';

/** The part of a run's `config.json` that all runs of a comparison share. */
interface RunConfig {
  readonly model?: { readonly description: string };
  readonly versions?: Readonly<Record<string, string>>;
}

/** Reads what is there of a comparison. @param said What the user said. */
export const collectComparison = (
  plan: ComparisonPlan,
  places: ComparisonPlaces,
  said: Pick<Comparison, 'command' | 'options'>,
): Comparison => {
  const { contenders, seeds, settings } = plan;
  const algorithms = contenders.map((planned) => collectContender(planned, plan, places));
  const before = readDiversity(places.base);
  const [some] = algorithms.flatMap(({ runs }) => runs);
  const { model, versions }: RunConfig =
    some === undefined ? {} : (readRunJson(places.open(some.folder).file('config.json')) as RunConfig);
  const prepared = contenders[0]?.contender.prepared;
  return {
    version: 1,
    ...said,
    settings,
    prompts: prepared?.prompts ?? [],
    heldOut: prepared?.heldOut ?? [],
    seeds,
    model: model?.description ?? null,
    versions: versions ?? {},
    rewards: Object.fromEntries((prepared?.rewards ?? []).map(({ name, weight }) => [name, weight])),
    diversity: before === undefined ? null : { embedding: before.embedding, before: before.mean },
    halfway: queryAdvantage(algorithms, rewardBefore({ algorithms })) ?? null,
    algorithms,
  };
};
