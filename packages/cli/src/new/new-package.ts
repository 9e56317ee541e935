import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { writeFileAtomically } from '@draft/core';
import { DraftError } from '@draft/core/plugins';
import { cliVersion } from '../cli-directory.js';
import { makeFolder, refuseFile } from '../run/make-folder.js';
import { algorithmTemplate } from './algorithm-template.js';
import { packageTemplate } from './package-template.js';
import { type NewKind, type PluginNames, pluginNames } from './plugin-names.js';
import { type PluginTemplate, pluginSources } from './plugin-sources.js';
import { rewardTemplate } from './reward-template.js';
import { samplerTemplate } from './sampler-template.js';

const templates: Readonly<Record<NewKind, (names: PluginNames) => PluginTemplate>> = {
  reward: rewardTemplate,
  algorithm: algorithmTemplate,
  sampler: samplerTemplate,
};

/** How a new package is to be. */
export interface NewOptions {
  readonly scope?: string;
  /** SPDX identifier. @default 'MIT' */
  readonly license?: string;
  /** @default the package's name */
  readonly output?: string;
}

/**
 * Runs `draft new`: writes a package.
 * @returns What to tell the user.
 * @throws DraftError `DRAFT_OUTPUT_TAKEN` where the folder holds something already.
 */
export const newPackage = (kind: string, name: string, options: NewOptions, cwd: string): string => {
  const names = pluginNames(kind, name, options.scope);
  const folder = resolve(cwd, options.output ?? names.package.replace(/^@[^/]+\//, ''));
  const shown = relative(cwd, folder) || '.';
  refuseFile(folder);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new DraftError('DRAFT_OUTPUT_TAKEN', `${shown} is not empty: choose another --output.`);
  }
  makeFolder(folder);
  const template = templates[names.kind](names);
  const files = {
    ...packageTemplate(names, template.summary, cliVersion(), options.license ?? 'MIT'),
    ...pluginSources(names, template),
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileAtomically(join(folder, path), content);
  }
  return [
    `${names.package} is in ${shown}:`,
    ...Object.keys(files).map((path) => `  ${path}`),
    '',
    `cd ${shown} && npm install && npm test`,
    '',
  ].join('\n');
};
