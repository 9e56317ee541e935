import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** URLs of the modules of two packages that a user may have installed: Dawn for Node, and TensorFlow.js's back end on it. */
export interface WebGpuModules {
  readonly dawn: string;
  readonly backend: string;
}

/** Finds a package beside this one, or in the user's own project. */
const find = (name: string, from: readonly string[]): string | undefined => {
  for (const place of from) {
    try {
      return pathToFileURL(createRequire(place).resolve(name)).href;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    }
  }
  return undefined;
};

/**
 * Finds the two packages that the webgpu back end needs; undefined where one is missing.
 * @param cwd The user's folder.
 */
export const findWebGpu = (cwd: string = process.cwd()): WebGpuModules | undefined => {
  const from = [import.meta.url, pathToFileURL(join(cwd, 'package.json')).href];
  const dawn = find('webgpu', from);
  // Its name is put together so that bundlers do not ask for it.
  const backend = dawn && find(['@tensorflow', 'tfjs-backend-webgpu'].join('/'), from);
  return dawn && backend ? { dawn, backend } : undefined;
};
