import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  compatibilityWarnings,
  DraftError,
  discoverPlugins,
  type FoundPlugin,
  loadPlugin,
  type PluginKind,
} from '@draft/core/plugins';
import {
  algorithmChecks,
  type ConformanceCheck,
  manifestChecks,
  optionsChecks,
  rewardChecks,
  samplerChecks,
} from '@draft/testing';
import { importModule } from '../import-module.js';

/** What came of one check. */
export interface CheckOutcome {
  /** `the package`, or `the reward symmetry`. */
  readonly subject: string;
  /** What it should do: `gives the same scores again, on cpu`. */
  readonly title: string;
  /** Why it does not; absent where it does. */
  readonly failure?: string;
}

/** What came of all checks of a package. */
export interface PackageReport {
  readonly package: string;
  readonly directory: string;
  readonly warnings: readonly string[];
  readonly outcomes: readonly CheckOutcome[];
}

const packageDirectory = (path: string, cwd: string): string => {
  const directory = resolve(cwd, path);
  if (!existsSync(join(directory, 'package.json'))) {
    throw new DraftError(
      'DRAFT_PLUGIN_PACKAGE_MISSING',
      `${path} is no package: there is no package.json in ${directory}.`,
    );
  }
  return realpathSync(directory);
};

const checksOf = async (
  found: FoundPlugin & { readonly kind: Exclude<PluginKind, 'checkpoint'> },
): Promise<readonly ConformanceCheck[]> => {
  const plugin = await loadPlugin(found, importModule);
  if (plugin.kind === 'reward') return rewardChecks(plugin);
  if (plugin.kind === 'algorithm') return algorithmChecks(plugin);
  if (plugin.kind === 'sampler') return samplerChecks(plugin);
  return optionsChecks(plugin, {});
};

const outcomeOf = async (subject: string, { title, run }: ConformanceCheck): Promise<CheckOutcome> => {
  try {
    await run();
    return { subject, title };
  } catch (error) {
    return { subject, title, failure: error instanceof Error ? error.message : String(error) };
  }
};

/**
 * Checks the package in a folder and every plugin that it brings.
 * @param report Called with each outcome as it comes.
 * @throws DraftError `DRAFT_PLUGIN_PACKAGE_MISSING` where there is no package.
 */
export const checkPackage = async (
  path: string,
  cwd: string,
  report: (outcome: CheckOutcome) => void = () => {},
): Promise<PackageReport> => {
  const directory = packageDirectory(path, cwd);
  const { plugins } = discoverPlugins({ cwd: directory, packages: [directory] });
  const own = plugins.filter((plugin) => plugin.package.directory === directory);
  const outcomes: CheckOutcome[] = [];
  const note = (outcome: CheckOutcome): void => {
    outcomes.push(outcome);
    report(outcome);
  };
  for (const check of manifestChecks(directory)) note(await outcomeOf('the package', check));
  for (const found of own) {
    const { kind } = found;
    if (kind === 'checkpoint') continue;
    const subject = `the ${kind} ${found.id}`;
    let checks: readonly ConformanceCheck[] = [];
    note(
      await outcomeOf(subject, {
        title: 'can be imported',
        run: async () => {
          checks = await checksOf({ ...found, kind });
        },
      }),
    );
    for (const check of checks) note(await outcomeOf(subject, check));
  }
  const [first] = own;
  return {
    package: first?.package.name ?? directory,
    directory,
    warnings: [...new Set(own.flatMap((plugin) => compatibilityWarnings(plugin)))],
    outcomes,
  };
};
