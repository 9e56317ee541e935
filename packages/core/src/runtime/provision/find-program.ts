import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of the first of some programs that can be run, looked up in `PATH`; undefined where there is none. */
export const findProgram = (
  names: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined => {
  for (const name of names) {
    const folders = name.includes('/') ? [''] : (environment.PATH ?? '').split(delimiter);
    for (const folder of folders) {
      const path = folder === '' ? name : join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
};
