import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the running code: from here on upward, the plugins that came with the command line are found. */
export const cliDirectory = dirname(fileURLToPath(import.meta.url));

/** This package's version. */
export const cliVersion = (): string => {
  const text = readFileSync(join(cliDirectory, '..', 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
};
