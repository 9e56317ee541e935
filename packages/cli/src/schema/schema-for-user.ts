import { resolve } from 'node:path';
import { writeFileAtomically } from '@draft/core';
import { loadPlugin } from '@draft/core/plugins';
import { importModule } from '../import-module.js';
import { findPlugins, type PluginPlaces } from '../setup/find-plugins.js';
import { commandOptions } from './command-options.js';
import type { ConfigCommand } from './config-commands.js';
import { configSchema, type SchemaPlugin } from './config-schema.js';

/**
 * Runs `draft schema`: imports every installed plugin for its options. One that cannot be imported is named on
 * stderr, and its options stay open.
 */
export const schemaForUser = async (
  command: ConfigCommand,
  output: string | undefined,
  places: PluginPlaces,
  cwd: string,
): Promise<void> => {
  const plugins: SchemaPlugin[] = [];
  for (const found of (await findPlugins(cwd, places)).plugins) {
    const { kind, id, summary } = found;
    if (kind === 'checkpoint') {
      plugins.push({ kind, id, summary });
      continue;
    }
    try {
      const { options } = await loadPlugin({ ...found, kind }, importModule);
      plugins.push({ kind, id, summary, options });
    } catch (error) {
      process.stderr.write(`warning: ${error instanceof Error ? error.message : String(error)}\n`);
      plugins.push({ kind, id, summary });
    }
  }
  const text = `${JSON.stringify(configSchema(command, commandOptions[command], plugins), null, 2)}\n`;
  if (output === undefined) process.stdout.write(text);
  else {
    writeFileAtomically(resolve(cwd, output), text);
    process.stdout.write(
      `${output}: put "# yaml-language-server: $schema=${output}" into the first line of a YAML config.\n`,
    );
  }
};
