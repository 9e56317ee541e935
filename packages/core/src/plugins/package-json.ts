import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The parts of a package.json that discovery reads. */
export interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly draft?: unknown;
  readonly peerDependencies?: unknown;
  readonly [key: string]: unknown;
}

/** What a folder's package.json says: its content, nothing where there is none, or why it cannot be read. */
export type PackageJsonResult =
  | { readonly content: PackageJson; readonly problem?: never }
  | { readonly content?: never; readonly problem: string }
  | undefined;

/** Whether a value is an object with keys. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the package.json of a folder without ever throwing. */
export const readPackageJson = (directory: string): PackageJsonResult => {
  let text: string;
  try {
    text = readFileSync(join(directory, 'package.json'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { problem: `package.json: ${code}` };
  }
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) ? { content } : { problem: 'package.json holds no object' };
  } catch (error) {
    return { problem: `package.json is no JSON: ${(error as Error).message}` };
  }
};

/** The real path of a path, or undefined where there is nothing. */
export const realPath = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** A folder and all folders above it, the folder first. */
export const ancestors = (directory: string): readonly string[] => {
  const found = [directory];
  for (let current = directory; dirname(current) !== current; current = dirname(current)) {
    found.push(dirname(current));
  }
  return found;
};

/** The folder of an installed package as Node would find it from `from`, its real path; undefined if none. */
export const findPackageDirectory = (name: string, from: string): string | undefined => {
  for (const directory of ancestors(from)) {
    const found = realPath(join(directory, 'node_modules', name));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Name, version and real folder of the `@draft/core` that is running. */
export const runningCore = (): { readonly version: string; readonly directory: string } => {
  for (const directory of ancestors(dirname(fileURLToPath(import.meta.url)))) {
    const content = readPackageJson(directory)?.content;
    if (content?.name === '@draft/core') {
      return { version: String(content.version), directory: realPath(directory) ?? directory };
    }
  }
  return { version: '0.0.0', directory: '' };
};
