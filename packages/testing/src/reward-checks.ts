import type { ConformanceCheck } from './conformance-check.js';
import { gradientChecks } from './gradient-checks.js';
import { graphChecks } from './graph-checks.js';
import { optionsChecks } from './options-checks.js';
import { ownershipChecks } from './ownership-checks.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';
import { fullSettings, type RewardSettings } from './reward-settings.js';
import { scoreChecks } from './score-checks.js';

/** Everything that a reward has to do: its options once, its numbers on each back end. */
export const rewardChecks = (
  plugin: AnyRewardPlugin,
  settings: RewardSettings = {},
): readonly ConformanceCheck[] => {
  const full = fullSettings(settings);
  return [
    ...optionsChecks(plugin, full.options),
    ...full.backends.flatMap((backend) =>
      [scoreChecks, gradientChecks, ownershipChecks, graphChecks].flatMap((checks) =>
        checks(plugin, full, backend),
      ),
    ),
  ];
};
