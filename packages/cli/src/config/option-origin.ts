import type { ConfigLayer } from './config-layer.js';
import { flagOf } from './option.js';

/**
 * Where the user says something, in words: `--reward on the command line`, `"reward" in draft.yaml:3:9`.
 * @param names Of the options that may say it.
 * @param value What is said, or a part of it.
 */
export const optionOrigin = (
  layers: readonly ConfigLayer[],
  names: readonly string[],
  value: string,
): string | undefined => {
  for (const { values, flags, where } of layers) {
    for (const name of names) {
      const items = [values[name]].flat();
      const index = items.findIndex((item) => String(item).includes(value));
      if (index < 0) continue;
      if (flags) return `${flagOf(name)} on the command line`;
      const place = where(Array.isArray(values[name]) ? [name, index] : [name], false);
      return `"${name}" in ${place}`;
    }
  }
  return undefined;
};
