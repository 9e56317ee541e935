import { rewardKey } from './parse-reward.js';

type Values = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mergeRecords = (upper: Values, lower: Values): Values => {
  const merged: Record<string, unknown> = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const below = lower[key];
    merged[key] = isRecord(value) && isRecord(below) ? mergeRecords(value, below) : value;
  }
  return merged;
};

/** The settings of a plugin, and the option that chooses the plugin they are for. */
const settingsOf: Readonly<Record<string, string>> = {
  set: 'algorithm',
  samplerSet: 'sampler',
  modelSet: 'model',
  strategySet: 'strategy',
};

/** Settings in a lower layer go unheard where a layer above chooses another plugin. */
const dropSettings = (upper: Values, lower: Values): Values => {
  const kept: Record<string, unknown> = { ...lower };
  for (const [settings, choice] of Object.entries(settingsOf)) {
    if (upper[choice] !== undefined && upper[choice] !== lower[choice]) delete kept[settings];
  }
  if (upper.reward !== undefined && isRecord(kept.rewardSet)) {
    const wanted = [upper.reward].flat().map((text) => rewardKey(String(text)));
    kept.rewardSet = Object.fromEntries(
      Object.entries(kept.rewardSet).filter(([name]) => wanted.includes(name)),
    );
  }
  return kept;
};

/**
 * Puts layers of options on top of one another, the first on top. Settings of plugins are merged key by key,
 * everything else is replaced.
 */
export const mergeLayers = (layers: readonly Values[]): Values =>
  layers.reduceRight((lower, upper) => mergeRecords(upper, dropSettings(upper, lower)), {});
