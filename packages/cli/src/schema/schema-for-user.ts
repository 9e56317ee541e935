import { resolve } from 'node:path';
import { writeFileAtomically } from '@draft/core';
import { discoverPlugins, loadPlugin } from '@draft/core/plugins';
import { cliDirectory } from '../cli-directory.js';
import { importModule } from '../import-module.js';
import { configSchema, type SchemaPlugin } from './config-schema.js';

/**
 * Runs `draft schema`: imports every installed plugin for its options. One that cannot be imported is named on
 * stderr, and its options stay open.
 */
export const schemaForUser = async (output: string | undefined, cwd: string): Promise<void> => {
  const plugins: SchemaPlugin[] = [];
  for (const found of discoverPlugins({ cwd, cliDirectory }).plugins) {
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
  const text = `${JSON.stringify(configSchema(plugins), null, 2)}\n`;
  if (output === undefined) process.stdout.write(text);
  else {
    writeFileAtomically(resolve(cwd, output), text);
    process.stdout.write(
      `${output}: put "# yaml-language-server: $schema=${output}" into the first line of a YAML config.\n`,
    );
  }
};
