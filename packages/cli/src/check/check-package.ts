import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  compatibilityWarnings,
  DraftError,
  discoverPlugins,
  type FoundPlugin,
  loadPlugin,
  nearestName,
  type PluginKind,
  type PluginOfKind,
} from '@draft/core/plugins';
import {
  algorithmChecks,
  type ConformanceCheck,
  cardChecks,
  manifestChecks,
  optionsChecks,
  rewardChecks,
  samplerChecks,
} from '@draft/testing';
import { importModule } from '../import-module.js';
import { type CheckRequest, checkSettings } from './check-settings.js';

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

type CodePlugin = PluginOfKind<Exclude<PluginKind, 'checkpoint'>>;

const checksOf = (
  plugin: CodePlugin,
  found: FoundPlugin,
  request: CheckRequest,
): readonly ConformanceCheck[] => {
  if (plugin.kind === 'reward') {
    return [...cardChecks(plugin), ...rewardChecks(plugin, checkSettings(found, 'reward', request))];
  }
  if (plugin.kind === 'algorithm') return algorithmChecks(plugin, checkSettings(found, 'algorithm', request));
  if (plugin.kind === 'sampler') return samplerChecks(plugin, checkSettings(found, 'sampler', request));
  return optionsChecks(plugin, checkSettings(found, 'model', request).options);
};

const refuseStrangers = (own: readonly FoundPlugin[], { set }: CheckRequest): void => {
  const names = own.map(({ id }) => id);
  const stranger = Object.keys(set).find((name) => !names.includes(name));
  if (stranger === undefined) return;
  const nearest = nearestName(stranger, names);
  const hint = nearest === undefined ? `it has ${names.join(', ') || 'none'}.` : `did you mean "${nearest}"?`;
  throw new DraftError(
    'DRAFT_OPTION_UNKNOWN',
    `This package has no plugin "${stranger}" to set options of: ${hint}`,
  );
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const outcomeOf = async (subject: string, { title, run }: ConformanceCheck): Promise<CheckOutcome> => {
  try {
    await run();
    return { subject, title };
  } catch (error) {
    return { subject, title, failure: reasonOf(error) };
  }
};

/**
 * Checks the package in a folder and every plugin that it brings.
 * @param report Called with each outcome as it comes.
 * @param request How, beyond what the package says itself.
 * @throws DraftError `DRAFT_PLUGIN_PACKAGE_MISSING` where there is no package, `DRAFT_OPTION_UNKNOWN` where options are set of
 * a plugin that it does not bring.
 */
export const checkPackage = async (
  path: string,
  cwd: string,
  report: (outcome: CheckOutcome) => void = () => {},
  request: CheckRequest = { set: {} },
): Promise<PackageReport> => {
  const directory = packageDirectory(path, cwd);
  const { plugins } = discoverPlugins({ cwd: directory, packages: [directory] });
  const own = plugins.filter((plugin) => plugin.package.directory === directory);
  refuseStrangers(own, request);
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
    let plugin: CodePlugin | undefined;
    let checks: readonly ConformanceCheck[] = [];
    const importing = {
      title: 'can be imported',
      run: async () => {
        plugin = await loadPlugin({ ...found, kind }, importModule);
      },
    };
    note(await outcomeOf(subject, importing));
    if (plugin === undefined) continue;
    try {
      checks = checksOf(plugin, found, request);
    } catch (error) {
      note({ subject, title: 'says how it is to be checked', failure: reasonOf(error) });
    }
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
