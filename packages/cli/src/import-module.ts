import { pathToFileURL } from 'node:url';

/**
 * Imports a JavaScript or TypeScript module by its path: through jiti where it is TypeScript that this process
 * does not understand by itself.
 */
export const importModule = async (path: string): Promise<unknown> => {
  if (/\.[cm]?ts$/.test(path) && process.env.DRAFT_SOURCE !== '1') {
    const { createJiti } = await import('jiti');
    return createJiti(import.meta.url).import(path);
  }
  return import(/* @vite-ignore */ pathToFileURL(path).href);
};
