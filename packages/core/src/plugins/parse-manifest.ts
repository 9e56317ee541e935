import { statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { BrokenPlugin, FoundPlugin, PluginOrigin, PluginPackage } from './found-plugin.js';
import { isObject, type PackageJson, realPath } from './package-json.js';
import { manifestKey, type PluginKind, pluginKinds } from './plugin-kind.js';
import { sourceEntry } from './source-entry.js';
import { updateCommandLine, updatePackage } from './update-command.js';

/** The version of the manifest and of the plugin contracts that this package speaks. */
const supportedApiVersion = 1;

/** What a manifest announces, and what is wrong with the rest of it. */
export interface ParsedManifest {
  readonly plugins: readonly FoundPlugin[];
  readonly broken: readonly BrokenPlugin[];
}

const namePattern = /^[a-z0-9][a-z0-9._-]*$/;

/** The place of a path that the manifest gives, or why it may not be used. */
const locate = (directory: string, field: string, value: unknown): { path: string } | { reason: string } => {
  if (typeof value !== 'string') return { reason: `${field} is missing` };
  if (isAbsolute(value) || !value.startsWith('./')) {
    return { reason: `${field} "${value}" does not begin with "./"` };
  }
  const path = realPath(sourceEntry(join(directory, value)));
  if (path === undefined) return { reason: `${field} "${value}" does not exist (is the package built?)` };
  const inside = relative(directory, path);
  if (inside.startsWith('..') || isAbsolute(inside)) {
    return { reason: `${field} "${value}" leads out of the package` };
  }
  return { path };
};

interface Context {
  readonly package: PluginPackage;
  readonly origin: PluginOrigin;
}

const parseEntry = (kind: PluginKind, id: string, value: unknown, context: Context): FoundPlugin | string => {
  if (!namePattern.test(id)) return 'its name may hold only lower-case letters, digits, ".", "_" and "-"';
  const field = kind === 'checkpoint' ? 'path' : 'entry';
  const fields = typeof value === 'string' ? { [field]: value } : value;
  if (!isObject(fields)) return 'its description is neither an object nor a path';
  const { summary = '', export: exportName } = fields;
  if (typeof summary !== 'string') return 'summary is no text';
  if (exportName !== undefined && typeof exportName !== 'string') return 'export is no text';
  const { directory } = context.package;
  const place = locate(directory, field, fields[field]);
  if ('reason' in place) return place.reason;
  const found = { kind, id, summary, path: place.path, ...context };
  if (kind !== 'checkpoint') return exportName === undefined ? found : { ...found, exportName };
  if (!statSync(place.path).isDirectory()) return `path "${String(fields.path)}" is no folder`;
  if (fields.settings === undefined) return found;
  const settings = locate(directory, 'settings', fields.settings);
  return 'reason' in settings ? settings.reason : { ...found, settings: settings.path };
};

const describePackage = (content: PackageJson, directory: string): PluginPackage => {
  const peers = isObject(content.peerDependencies) ? content.peerDependencies : {};
  const corePeer = peers['@draft/core'];
  const described = {
    name: String(content.name ?? directory),
    version: String(content.version ?? ''),
    directory,
  };
  return typeof corePeer === 'string' ? { ...described, corePeer } : described;
};

/**
 * Reads the `draft` field of a package.json: which plugins of which kinds the package brings. Nothing is
 * imported; what cannot be used becomes a reason, and the rest of the package stays usable.
 * @param directory Real path of the package.
 */
export const parseManifest = (
  content: PackageJson,
  directory: string,
  origin: PluginOrigin,
): ParsedManifest => {
  if (content.draft === undefined) return { plugins: [], broken: [] };
  const context: Context = { package: describePackage(content, directory), origin };
  const { name } = context.package;
  const broken: BrokenPlugin[] = [];
  const plugins: FoundPlugin[] = [];
  const refuse = (reason: string): void => {
    broken.push({ package: name, directory, reason });
  };
  const manifest = content.draft;
  if (!isObject(manifest)) {
    refuse('the field "draft" of its package.json is no object');
    return { plugins, broken };
  }
  if (manifest.apiVersion !== supportedApiVersion) {
    const { apiVersion } = manifest;
    const command = Number(apiVersion) > supportedApiVersion ? updateCommandLine : updatePackage(name);
    refuse(
      apiVersion === undefined
        ? 'the field "draft" of its package.json has no apiVersion'
        : `${context.package.version === '' ? 'it' : `version ${context.package.version}`} speaks plugin API ${String(apiVersion)}, this command line speaks ${supportedApiVersion}: ${command}`,
    );
    return { plugins, broken };
  }
  const known = new Set(['apiVersion', 'check', ...pluginKinds.map(manifestKey)]);
  for (const key of Object.keys(manifest)) {
    if (!known.has(key)) refuse(`the field "draft" of its package.json has an unknown key "${key}"`);
  }
  const { check = {} } = manifest;
  if (!isObject(check)) refuse('draft.check in its package.json is no object');
  for (const kind of pluginKinds) {
    const entries = manifest[manifestKey(kind)];
    if (entries === undefined) continue;
    if (!isObject(entries)) {
      refuse(`draft.${manifestKey(kind)} in its package.json is no object`);
      continue;
    }
    for (const [id, value] of Object.entries(entries)) {
      const found = parseEntry(kind, id, value, context);
      if (typeof found === 'string') refuse(`${kind} "${id}": ${found}`);
      else plugins.push(isObject(check) && id in check ? { ...found, check: check[id] } : found);
    }
  }
  const named = new Set(pluginKinds.flatMap((kind) => Object.keys(manifest[manifestKey(kind)] ?? {})));
  for (const id of isObject(check) ? Object.keys(check) : []) {
    if (!named.has(id)) refuse(`draft.check in its package.json names no plugin of it: "${id}"`);
  }
  return { plugins, broken };
};
