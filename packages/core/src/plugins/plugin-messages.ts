import { DraftError } from '../errors/draft-error.js';
import { firstParty } from './first-party.js';
import type { FoundPlugin, PluginCatalogue } from './found-plugin.js';
import { nearestName } from './nearest-name.js';
import type { PluginKind } from './plugin-kind.js';

const article = (kind: PluginKind): string => (kind === 'algorithm' ? 'an algorithm' : `a ${kind}`);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const flag = (kind: PluginKind): string => `--${kind === 'checkpoint' ? 'model' : kind}`;

/** "ddim" is asked for as a reward, but is a sampler. */
export const wrongKind = (request: string, wanted: PluginKind, found: FoundPlugin): DraftError =>
  new DraftError(
    'DRAFT_PLUGIN_KIND',
    `"${request}" is ${article(found.kind)} (${found.package.name}), not ${article(wanted)}: use ${flag(found.kind)} ${found.id}.`,
  );

/** Several packages bring a plugin of the name. */
export const severalClaim = (request: string, kind: PluginKind, found: readonly FoundPlugin[]): DraftError =>
  new DraftError(
    'DRAFT_PLUGIN_AMBIGUOUS',
    `Several packages bring ${article(kind)} called "${request}": say which with ${found
      .map((plugin) => `${flag(kind)} ${plugin.package.name}#${plugin.id}`)
      .join(' or ')}, or once for all by "plugins" in a config, or --plugins.`,
  );

/** A plugin of ours that is not installed. */
export const notInstalled = (kind: PluginKind, id: string, packageName: string): DraftError =>
  new DraftError('DRAFT_PLUGIN_NOT_INSTALLED', `The ${kind} "${id}" is not installed: npm i ${packageName}`);

/** Nothing is called that; names what was meant, what there is, where that was looked for, and who asked. */
export const notFound = (
  request: string,
  kind: PluginKind,
  catalogue: PluginCatalogue,
  askedBy?: string,
): DraftError => {
  const installed = catalogue.plugins.filter((plugin) => plugin.kind === kind);
  const ids = [...new Set(installed.map(({ id }) => id))];
  const ours = firstParty.filter((plugin) => plugin.kind === kind);
  const nearest = nearestName(request, [...ids, ...ours.map(({ id }) => id)]);
  const there = installed.find(({ id }) => id === nearest)?.package;
  const from = there
    ? [there.name, there.version].join(' ').trim()
    : `npm i ${ours.find(({ id }) => id === nearest)?.package}`;
  // One of them may bring it.
  const broken = catalogue.broken.map(({ package: name, reason }) => `${name} (${reason})`);
  const hint = nearest === undefined ? '.' : `: did you mean "${nearest}" (${from})?`;
  return new DraftError('DRAFT_PLUGIN_NOT_FOUND', `No ${kind} is called "${request}"${hint}`, {
    hints: [
      `Installed ${kind}s: ${ids.join(', ') || 'none'}`,
      ...(broken.length === 0 ? [] : [`Cannot be used: ${broken.join('; ')}`]),
      `Looked in: ${catalogue.searched.join(', ') || 'no node_modules folder'}`,
      // Not with the name that was typed: it may be a trap that waits for such mistakes.
      `${capital(article(kind))} from npm is usually called draft-${kind}-NAME or @scope/draft-${kind}-NAME; another is named by --plugins.`,
      ...(askedBy === undefined ? [] : [`Asked for by: ${askedBy}`]),
    ],
  });
};

/** A package was asked for by its name, but brings nothing of the kind, or too much of it. */
export const packageOffers = (
  packageName: string,
  kind: PluginKind,
  offered: readonly FoundPlugin[],
): DraftError => {
  const same = offered.filter((plugin) => plugin.kind === kind);
  if (same.length > 0) {
    return new DraftError(
      'DRAFT_PLUGIN_AMBIGUOUS',
      `${packageName} brings several ${kind}s: say which with ${same
        .map(({ id }) => `${flag(kind)} ${packageName}#${id}`)
        .join(' or ')}.`,
    );
  }
  const others = offered.map((plugin) => `the ${plugin.kind} "${plugin.id}"`).join(', ');
  return new DraftError('DRAFT_PLUGIN_KIND', `${packageName} brings no ${kind}, but ${others}.`);
};

/** A package is there, but its manifest cannot be used. */
export const brokenPackage = (packageName: string, reasons: readonly string[]): DraftError => {
  const text = reasons.join('; ');
  // A command that is copied must not have a full stop.
  const end = text.endsWith('@latest') ? '' : '.';
  return new DraftError('DRAFT_PLUGIN_BROKEN', `The package ${packageName} cannot be used: ${text}${end}`);
};
