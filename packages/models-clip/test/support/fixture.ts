import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a fixture of this package. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** A JSON fixture of this package. */
export const jsonFixture = <T>(name: string): T => JSON.parse(readFileSync(fixture(name), 'utf8')) as T;
