import { existsSync } from 'node:fs';

/**
 * Where a manifest's entry really is. With `DRAFT_SOURCE=1`, which the scripts of this repository set,
 * `…/dist/x.js` stands for `…/src/x.ts` if that exists, so that nothing needs to be built.
 */
export const sourceEntry = (path: string, environment: NodeJS.ProcessEnv = process.env): string => {
  if (environment.DRAFT_SOURCE !== '1') return path;
  const source = path.replace(/([\\/])dist([\\/][^\\/]+)\.js$/, '$1src$2.ts');
  return existsSync(source) ? source : path;
};
