import type { RewardWeights } from '@draft/core';
import { type ConformanceCheck, expectThat } from './conformance-check.js';
import type { AnyRewardPlugin } from './plugin-under-test.js';

const given = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';

const checkWeights = ({ name, source, license, bytes }: RewardWeights): void => {
  expectThat(given(name), 'weights on its card have no name');
  expectThat(given(source), `its card does not say where the weights ${name} come from`);
  expectThat(given(license), `its card does not say which license the weights ${name} have`);
  expectThat((bytes ?? 0) > 0, `its card does not say how large the weights ${name} are: give bytes`);
};

/** What the card of a reward has to say that others install. */
export const cardChecks = ({ card }: AnyRewardPlugin): readonly ConformanceCheck[] => [
  {
    title: 'has a card that says what to know before training on it',
    run() {
      expectThat(card !== undefined, 'it has no card: give it one, which draft describe shows');
      expectThat(given(card.measures), 'its card does not say what it measures (measures)');
      expectThat(
        given(card.hacking),
        'its card does not say what pictures that cheat it look like (hacking)',
      );
      const [lowest, highest] = card.range ?? [null, null];
      expectThat(
        lowest !== null || highest !== null,
        'its card does not say between which scores pictures lie (range, null at an end that is open)',
      );
      expectThat(
        lowest === null || highest === null || lowest < highest,
        `the range of its card is empty: ${lowest} to ${highest}`,
      );
      for (const weights of card.weights ?? []) checkWeights(weights);
    },
  },
];
