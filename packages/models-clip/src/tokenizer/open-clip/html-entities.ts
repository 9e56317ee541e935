import { readPackageData } from '../read-package-data.js';

let known: ReadonlyMap<string, string> | undefined;

/** The characters that HTML names, by name with its semicolon; where HTML lets it be left out, without one too. */
export function htmlEntities(): ReadonlyMap<string, string> {
  known ??= new Map(
    readPackageData('html-entities.txt.gz')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [name, codes] = line.split(' ') as [string, string];
        return [name, String.fromCodePoint(...codes.split('-').map((code) => Number.parseInt(code, 16)))];
      }),
  );
  return known;
}
