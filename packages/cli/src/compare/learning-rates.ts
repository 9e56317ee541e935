import { DraftError, nearestName } from '@draft/core/plugins';
import type { CompareConfig } from '../config/compare-options.js';
import type { ContenderRequest } from './parse-contender.js';

const pairs = (given: CompareConfig['learningRateFor']): readonly (readonly [string, number])[] =>
  typeof given === 'object' && !Array.isArray(given)
    ? Object.entries(given)
    : [given as string | readonly string[]].flat().map((text) => {
        // The algorithm's own options have equals signs as well.
        const at = text.lastIndexOf('=');
        const value = text.slice(at + 1).trim();
        const rate = at < 1 || value === '' ? Number.NaN : Number(value);
        if (rate > 0 && Number.isFinite(rate)) return [text.slice(0, at).trim(), rate] as const;
        throw new DraftError(
          'DRAFT_OPTION_INVALID',
          `--learning-rate-for takes ALGORITHM=X with an X above 0 (given: ${JSON.stringify(text)}).`,
        );
      });

/**
 * The learning rates that were given for single algorithms, by the entry of `--algorithms`. What is given for an entry counts
 * more than what is given for an algorithm's name.
 * @throws DraftError `DRAFT_OPTION_UNKNOWN` where there is no such algorithm.
 */
export const givenLearningRates = (
  given: CompareConfig['learningRateFor'],
  requests: readonly ContenderRequest[],
): ReadonlyMap<string, number> => {
  const rates = new Map<string, number>();
  const byName = new Map<string, number>();
  for (const [owner, rate] of pairs(given)) {
    if (requests.some(({ text }) => text === owner)) rates.set(owner, rate);
    else if (requests.some(({ name }) => name === owner)) byName.set(owner, rate);
    else {
      const known = requests.map(({ text }) => text);
      const nearest = nearestName(owner, known);
      throw new DraftError(
        'DRAFT_OPTION_UNKNOWN',
        `--learning-rate-for names ${owner}, which is not compared: ${nearest === undefined ? `there are ${known.join(', ')}.` : `did you mean ${nearest}?`}`,
      );
    }
  }
  for (const { text, name } of requests) {
    const rate = byName.get(name);
    if (rate !== undefined && !rates.has(text)) rates.set(text, rate);
  }
  return rates;
};
