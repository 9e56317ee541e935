import { isAbsolute, resolve } from 'node:path';
import { DraftError } from '../errors/draft-error.js';
import {
  type CandidatePackages,
  candidatePackages,
  isPluginName,
  ownDependencies,
} from './candidate-packages.js';
import type { BrokenPlugin, FoundPlugin, PluginCatalogue, PluginOrigin } from './found-plugin.js';
import { findPackageDirectory, readPackageJson, realPath } from './package-json.js';
import { parseManifest } from './parse-manifest.js';
import { pluginKinds } from './plugin-kind.js';

/** Where to look for plugins. */
export interface DiscoveryOptions {
  /** The user's working folder. */
  readonly cwd: string;
  /** A folder of the command line's own package, for the plugins that came with it. */
  readonly cliDirectory?: string;
  /** Packages, or folders that hold one (relative to `cwd`), to read whatever their names are. */
  readonly packages?: readonly string[];
  /**
   * Whether to look for more than `packages` and what the command line itself depends on.
   * @default true
   */
  readonly discover?: boolean;
}

const isPath = (request: string): boolean => /^\.{0,2}[\\/]/.test(request) || isAbsolute(request);

const requestedDirectory = (request: string, cwd: string): string => {
  const directory = isPath(request) ? realPath(resolve(cwd, request)) : findPackageDirectory(request, cwd);
  if (directory === undefined) {
    throw new DraftError(
      'DRAFT_PLUGIN_PACKAGE_MISSING',
      `The plugin package "${request}" is not there: looked for it from ${cwd} upward.`,
    );
  }
  return directory;
};

/**
 * Lists every plugin that is installed, reading package.json files only. Candidates are the dependencies of
 * each package.json from the working folder upward, packages named like plugins in each `node_modules` on
 * that way, and the same two from the command line's own folder. The nearest copy of a package counts, as it
 * would for Node; a package that cannot be used is reported and hides no other. Packages that are asked for come first.
 */
export const discoverPlugins = (options: DiscoveryOptions): PluginCatalogue => {
  const plugins: FoundPlugin[] = [];
  const broken: BrokenPlugin[] = [];
  const searched = new Set<string>();
  const seenDirectories = new Set<string>();
  const seenNames = new Set<string>();

  const read = (directory: string, origin: PluginOrigin): void => {
    if (seenDirectories.has(directory)) return;
    seenDirectories.add(directory);
    const result = readPackageJson(directory);
    if (result === undefined) return;
    if (result.problem !== undefined) {
      const name = /((?:@[^\\/]+[\\/])?[^\\/]+)$/.exec(directory)?.[1] ?? directory;
      if (isPluginName(name.replace('\\', '/'))) {
        broken.push({ package: name, directory, reason: result.problem });
      }
      return;
    }
    const { content } = result;
    if (content.draft === undefined) return;
    if (typeof content.name === 'string') {
      if (seenNames.has(content.name)) return;
      seenNames.add(content.name);
    }
    const parsed = parseManifest(content, directory, origin);
    plugins.push(...parsed.plugins);
    broken.push(...parsed.broken);
  };

  const scan = (candidates: CandidatePackages, origin: PluginOrigin): void => {
    for (const directory of candidates.searched) searched.add(directory);
    for (const directory of candidates.directories) read(directory, origin);
  };

  for (const request of options.packages ?? []) read(requestedDirectory(request, options.cwd), 'requested');
  const { discover = true, cwd, cliDirectory } = options;
  if (discover) scan(candidatePackages(cwd), 'project');
  if (cliDirectory !== undefined) {
    scan(discover ? candidatePackages(cliDirectory) : ownDependencies(cliDirectory), 'bundled');
  }

  const order = (plugin: FoundPlugin): number => pluginKinds.indexOf(plugin.kind);
  plugins.sort(
    (a, b) => order(a) - order(b) || a.id.localeCompare(b.id) || a.package.name.localeCompare(b.package.name),
  );
  return { plugins, broken, searched: [...searched] };
};
