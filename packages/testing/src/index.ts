export { type AlgorithmSettings, algorithmChecks } from './algorithm-checks.js';
export { cardChecks } from './card-checks.js';
export type { ConformanceCheck } from './conformance-check.js';
export {
  describeAlgorithm,
  describeReward,
  describeSampler,
  type SuiteSettings,
  type TestRunner,
} from './describe-plugin.js';
export { manifestChecks } from './manifest-checks.js';
export { optionsChecks } from './options-checks.js';
export type {
  AnyAlgorithmPlugin,
  AnyPlugin,
  AnyRewardPlugin,
  AnySamplerPlugin,
  GivenOptions,
} from './plugin-under-test.js';
export { rewardChecks } from './reward-checks.js';
export type { RewardSettings } from './reward-settings.js';
export { type SamplerSettings, samplerChecks } from './sampler-checks.js';
