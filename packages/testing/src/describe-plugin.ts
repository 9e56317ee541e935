import { DraftError } from '@draft/core';
import { type AlgorithmSettings, algorithmChecks } from './algorithm-checks.js';
import { cardChecks } from './card-checks.js';
import type { ConformanceCheck } from './conformance-check.js';
import { manifestChecks } from './manifest-checks.js';
import type {
  AnyAlgorithmPlugin,
  AnyPlugin,
  AnyRewardPlugin,
  AnySamplerPlugin,
} from './plugin-under-test.js';
import { rewardChecks } from './reward-checks.js';
import type { RewardSettings } from './reward-settings.js';
import { type SamplerSettings, samplerChecks } from './sampler-checks.js';

/** The two functions of a test runner that are needed: those of vitest, jest, mocha and node:test all do. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** What the suites of all kinds take besides their settings. */
export interface SuiteSettings {
  /** `describe` and `it` of the test runner. @default the globals of these names */
  readonly runner?: TestRunner;
  /** `import.meta.url` of the test, or the package's folder: its package.json is checked too, and a reward's card. */
  readonly package?: string;
  /** Added to the suite's name, say the options that are tested. */
  readonly label?: string;
}

const globalRunner = (): TestRunner => {
  const { describe, it } = globalThis as Partial<TestRunner>;
  if (typeof describe === 'function' && typeof it === 'function') return { describe, it };
  throw new DraftError(
    'DRAFT_TEST_RUNNER',
    'There are no global functions describe and it: pass those of the test runner as { runner: { describe, it } }.',
  );
};

const register = (
  plugin: AnyPlugin,
  { runner = globalRunner(), package: start, label }: SuiteSettings,
  checks: readonly ConformanceCheck[],
): void => {
  const { kind, name } = plugin;
  const manifest = start === undefined ? [] : manifestChecks(start, { kind, name });
  runner.describe(`the ${kind} ${name}${label === undefined ? '' : `, ${label},`} conforms: it`, () => {
    for (const { title, run } of [...manifest, ...checks]) runner.it(title, async () => run());
  });
};

/** Registers the conformance suite of a reward with a test runner. */
export const describeReward = (
  plugin: AnyRewardPlugin,
  settings: RewardSettings & SuiteSettings = {},
): void => {
  const card = settings.package === undefined ? [] : cardChecks(plugin);
  register(plugin, settings, [...card, ...rewardChecks(plugin, settings)]);
};

/** Registers the conformance suite of an algorithm with a test runner. */
export const describeAlgorithm = (
  plugin: AnyAlgorithmPlugin,
  settings: AlgorithmSettings & SuiteSettings = {},
): void => register(plugin, settings, algorithmChecks(plugin, settings));

/** Registers the conformance suite of a sampler with a test runner. */
export const describeSampler = (
  plugin: AnySamplerPlugin,
  settings: SamplerSettings & SuiteSettings = {},
): void => register(plugin, settings, samplerChecks(plugin, settings));
