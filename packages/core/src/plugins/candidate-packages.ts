import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  ancestors,
  findPackageDirectory,
  isObject,
  type PackageJson,
  readPackageJson,
  realPath,
} from './package-json.js';
import { pluginKinds } from './plugin-kind.js';

const dependencyFields = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
] as const;

const pluginName = new RegExp(`^draft-(${pluginKinds.join('|')}|plugin)-`);

/** Whether a package's name follows the convention by which installed plugins are found. */
export const isPluginName = (name: string): boolean => {
  const scoped = /^@([^/]+)\/(.+)$/.exec(name);
  return scoped?.[1] === 'draft' || pluginName.test(scoped?.[2] ?? name);
};

const entries = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};

const namedLikePlugins = (nodeModules: string): readonly string[] =>
  entries(nodeModules)
    .flatMap((name) =>
      name.startsWith('@') ? entries(join(nodeModules, name)).map((part) => `${name}/${part}`) : [name],
    )
    .filter(isPluginName);

/** Real paths of packages that may bring plugins, nearest first, and the folders that were looked into. */
export interface CandidatePackages {
  readonly directories: readonly string[];
  readonly searched: readonly string[];
}

const dependenciesOf = (content: PackageJson | undefined, directory: string): readonly string[] =>
  dependencyFields.flatMap((field) => {
    const dependencies = content?.[field];
    const names = isObject(dependencies) ? Object.keys(dependencies) : [];
    return names.flatMap((name) => findPackageDirectory(name, directory) ?? []);
  });

/** The packages that the nearest package.json from a folder upward depends on, and nothing else. */
export const ownDependencies = (from: string): CandidatePackages => {
  for (const directory of ancestors(realPath(from) ?? from)) {
    const content = readPackageJson(directory)?.content;
    if (content !== undefined) return { directories: dependenciesOf(content, directory), searched: [] };
  }
  return { directories: [], searched: [] };
};

/**
 * Finds the packages that may bring plugins, as seen from a folder: the dependencies that each package.json
 * from there upward names, and whatever in each `node_modules` is named like a plugin. Reads only names and
 * package.json files.
 */
export const candidatePackages = (from: string): CandidatePackages => {
  const directories = new Set<string>();
  const searched: string[] = [];
  for (const directory of ancestors(realPath(from) ?? from)) {
    const content = readPackageJson(directory)?.content;
    // A package's own folder: whoever develops a plugin sees it without installing it.
    if (content?.draft !== undefined) directories.add(directory);
    for (const found of dependenciesOf(content, directory)) directories.add(found);
    const nodeModules = join(directory, 'node_modules');
    const names = namedLikePlugins(nodeModules);
    if (entries(nodeModules).length > 0) searched.push(nodeModules);
    for (const name of names) {
      const found = realPath(join(nodeModules, name));
      if (found !== undefined) directories.add(found);
    }
  }
  return { directories: [...directories], searched };
};
