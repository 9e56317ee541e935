import { DraftError, nearestName, type PluginOfKind } from '@draft/core/plugins';
import { parseReward } from '../config/parse-reward.js';
import type { PluginAccess } from './plugin-access.js';

/** A reward that was asked for, with its options checked, before it is made. */
export interface ConfiguredReward {
  /** The plugin's own name, or what the user calls it. */
  readonly name: string;
  readonly weight: number;
  readonly plugin: PluginOfKind<'reward'>;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Loads the rewards that a run is trained on, and those that are only watched; both take options from `rewardSet`.
 * @throws DraftError as `readRewards`, also where a watched reward is trained on.
 */
export const readWatchedRewards = async (
  {
    reward,
    watchReward,
    rewardSet,
  }: {
    readonly reward: string | readonly string[];
    readonly watchReward: string | readonly string[];
    readonly rewardSet: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  },
  plugins: PluginAccess,
): Promise<{
  readonly rewards: readonly ConfiguredReward[];
  readonly watched: readonly ConfiguredReward[];
}> => {
  const trained = [reward].flat();
  const all = await readRewards([...trained, ...[watchReward].flat()], rewardSet, plugins);
  return { rewards: all.slice(0, trained.length), watched: all.slice(trained.length) };
};

/** Refuses to call a reward by the name of another one. */
const refuseBorrowed = (name: string, own: string, { catalogue }: PluginAccess): void => {
  if (name === own || !catalogue.plugins.some(({ kind, id }) => kind === 'reward' && id === name)) return;
  throw new DraftError(
    'DRAFT_OPTION_INVALID',
    `The reward "${own}" cannot be called "${name}", which is another reward: call it otherwise.`,
  );
};

/**
 * Loads the rewards that a run is to maximise and checks their options.
 * @param settings Options by reward, under its alias, or the name that it was asked for with.
 * @throws DraftError where one is unknown, comes twice, or has wrong options.
 */
export const readRewards = async (
  requested: string | readonly string[],
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  plugins: PluginAccess,
): Promise<readonly ConfiguredReward[]> => {
  const choices = [requested].flat().map(parseReward);
  const names = choices.map(({ alias, request }) => alias ?? request);
  for (const owner of Object.keys(settings)) {
    if (names.includes(owner)) continue;
    const nearest = nearestName(owner, names);
    const hint = nearest === undefined ? `it has ${names.join(', ')}.` : `did you mean "${nearest}"?`;
    throw new DraftError(
      'DRAFT_OPTION_UNKNOWN',
      `This run has no reward "${owner}" to set options of: ${hint}`,
    );
  }
  const rewards: ConfiguredReward[] = [];
  for (const { alias, request, weight } of choices) {
    const own = settings[alias ?? request] ?? {};
    const { plugin, options } = await plugins.configure('reward', request, own);
    const name = alias ?? plugin.name;
    refuseBorrowed(name, plugin.name, plugins);
    if (rewards.some((other) => other.name === name)) {
      throw new DraftError(
        'DRAFT_REWARD_TWICE',
        `The reward "${name}" is given twice: give it once, with one weight, or to watch; or call one of them otherwise, as in again=${plugin.name}.`,
      );
    }
    rewards.push({ name, weight, plugin, options });
  }
  return rewards;
};
