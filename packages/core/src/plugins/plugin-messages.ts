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
      .join(' or ')}.`,
  );

/** A plugin of ours that is not installed. */
export const notInstalled = (kind: PluginKind, id: string, packageName: string): DraftError =>
  new DraftError('DRAFT_PLUGIN_NOT_INSTALLED', `The ${kind} "${id}" is not installed: npm i ${packageName}`);

/** Nothing is called that; names what was meant, what there is and how to get more. */
export const notFound = (request: string, kind: PluginKind, catalogue: PluginCatalogue): DraftError => {
  const installed = [
    ...new Set(catalogue.plugins.filter((plugin) => plugin.kind === kind).map(({ id }) => id)),
  ];
  const ours = firstParty.filter((plugin) => plugin.kind === kind);
  const nearest = nearestName(request, [...installed, ...ours.map(({ id }) => id)]);
  const from =
    catalogue.plugins.find((plugin) => plugin.kind === kind && plugin.id === nearest)?.package.name ??
    ours.find(({ id }) => id === nearest)?.package;
  const parts = [`No ${kind} is called "${request}"`];
  if (nearest !== undefined) {
    const install = installed.includes(nearest) ? `from ${from}` : `npm i ${from}`;
    parts.push(`: did you mean "${nearest}" (${install})?`);
  } else parts.push('.');
  parts.push(
    installed.length > 0
      ? ` Installed ${kind}s: ${installed.join(', ')};`
      : ` No ${kind} is installed, looked in ${catalogue.searched.join(', ') || 'no node_modules folder'};`,
    ` npm i <package> adds the ${kind}s of another package.`,
  );
  return new DraftError('DRAFT_PLUGIN_NOT_FOUND', parts.join(''));
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
export const brokenPackage = (packageName: string, reasons: readonly string[]): DraftError =>
  new DraftError('DRAFT_PLUGIN_BROKEN', `${capital(packageName)} cannot be used: ${reasons.join('; ')}.`);
