import { existsSync, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DraftError } from '../errors/draft-error.js';
import { firstParty } from './first-party.js';
import type { FoundPlugin, PluginCatalogue } from './found-plugin.js';
import { readPackageJson, realPath } from './package-json.js';
import { parseManifest } from './parse-manifest.js';
import type { PluginKind } from './plugin-kind.js';
import {
  brokenPackage,
  notFound,
  notInstalled,
  packageOffers,
  severalClaim,
  wrongKind,
} from './plugin-messages.js';

/** Whether a user's request is a path, not a name: it begins with `./`, `../`, `/` or `file:`. */
export const isPathRequest = (request: string): boolean =>
  /^\.{1,2}([\\/]|$)/.test(request) || request.startsWith('file:') || isAbsolute(request);

/** The only plugin of a kind that a package offers, or the one called `id`. */
const choose = (
  offered: readonly FoundPlugin[],
  packageName: string,
  kind: PluginKind,
  id?: string,
): FoundPlugin => {
  const same = offered.filter((plugin) => plugin.kind === kind && (id === undefined || plugin.id === id));
  if (same.length === 1 && same[0] !== undefined) return same[0];
  throw packageOffers(packageName, kind, offered);
};

/** The path that a request means; undefined for a `file:` URL that names none. */
const requestedPath = (request: string, cwd: string): string | undefined => {
  if (!request.startsWith('file:')) return resolve(cwd, request);
  try {
    return fileURLToPath(request);
  } catch {
    return undefined;
  }
};

const atPath = (request: string, kind: PluginKind, cwd: string): FoundPlugin => {
  const requested = requestedPath(request, cwd);
  const path = requested === undefined ? undefined : realPath(requested);
  if (path === undefined || !existsSync(path)) {
    throw new DraftError(
      'DRAFT_PLUGIN_NOT_FOUND',
      `There is no ${kind} at ${request}: no such file or folder.`,
    );
  }
  if (!statSync(path).isDirectory()) {
    const local = { name: request, version: '', directory: path };
    return { kind, id: '', summary: '', path, package: local, origin: 'project' };
  }
  const content = readPackageJson(path)?.content;
  if (content?.draft === undefined) {
    throw new DraftError(
      'DRAFT_PLUGIN_NOT_FOUND',
      `${request} brings no ${kind}: its package.json has no "draft" field that names one.`,
    );
  }
  const { plugins, broken } = parseManifest(content, path, 'project');
  if (plugins.length === 0 && broken.length > 0)
    throw brokenPackage(
      request,
      broken.map(({ reason }) => reason),
    );
  return choose(plugins, request, kind);
};

const ofPackage = (
  packageName: string,
  id: string | undefined,
  kind: PluginKind,
  catalogue: PluginCatalogue,
): FoundPlugin | undefined => {
  const offered = catalogue.plugins.filter((plugin) => plugin.package.name === packageName);
  if (offered.length > 0) return choose(offered, packageName, kind, id);
  const reasons = catalogue.broken.filter((item) => item.package === packageName).map(({ reason }) => reason);
  if (reasons.length > 0) throw brokenPackage(packageName, reasons);
  return undefined;
};

/** Where several packages claim a name, the one that was asked for among the packages to look into. */
const settle = (claimants: readonly FoundPlugin[]): readonly FoundPlugin[] => {
  const requested = claimants.filter(({ origin }) => origin === 'requested');
  return requested.length === 1 ? requested : claimants;
};

/**
 * Finds the one plugin that a user asks for: by name, by package (`@acme/draft-reward-foo`, `@acme/foo`),
 * by `package#name`, or by a path that begins with `./`, `../`, `/` or `file:`.
 * @param askedBy Where the user asks for it, for messages: `--reward on the command line`.
 * @throws DraftError that says what was meant, or how to say it unmistakably.
 */
export const resolvePlugin = (
  kind: PluginKind,
  request: string,
  catalogue: PluginCatalogue,
  cwd: string,
  askedBy?: string,
): FoundPlugin => {
  const [packageName = '', id] = request.split('#');
  // A module among the packages to look into is called by its path.
  const named = id === undefined ? undefined : ofPackage(packageName, id, kind, catalogue);
  if (named !== undefined) return named;
  if (isPathRequest(request)) return atPath(request, kind, cwd);
  if (id !== undefined || request.startsWith('@') || /^draft-[a-z]+-/.test(request)) {
    const scoped = /^(@[^/]+)\/(.+)$/.exec(packageName);
    const names = scoped ? [packageName, `${scoped[1]}/draft-${kind}-${scoped[2]}`] : [packageName];
    for (const name of names) {
      const found = ofPackage(name, id, kind, catalogue);
      if (found !== undefined) return found;
    }
    const ours = firstParty.find((plugin) => plugin.package === packageName && plugin.kind === kind);
    if (ours !== undefined) throw notInstalled(kind, ours.id, ours.package);
    throw notFound(request, kind, catalogue, askedBy);
  }
  const same = catalogue.plugins.filter((plugin) => plugin.id === request);
  const claimants = settle(same.filter((plugin) => plugin.kind === kind));
  if (claimants.length > 1) throw severalClaim(request, kind, claimants);
  if (claimants[0] !== undefined) return claimants[0];
  if (same[0] !== undefined) throw wrongKind(request, kind, same[0]);
  const ours = firstParty.find((plugin) => plugin.kind === kind && plugin.id === request);
  if (ours !== undefined) {
    // It may be there and broken, which is the more useful thing to say.
    ofPackage(ours.package, request, kind, catalogue);
    throw notInstalled(kind, request, ours.package);
  }
  // A package may be called anything.
  const called = ofPackage(request, undefined, kind, catalogue);
  if (called !== undefined) return called;
  throw notFound(request, kind, catalogue, askedBy);
};
