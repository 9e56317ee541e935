import { animalNames } from '../data/animals.js';
import { landscapeNames } from '../data/background/landscape.js';
import { landscapePhrases, withArticle } from '../data/caption.js';
import { colorNames } from '../data/color.js';
import { showsOneAnimal } from './draw-batch.js';
import type { JudgeFacts } from './judge-scene.js';
import type { Score } from './open-reward.js';
import { type RankShares, rankShares } from './rank-report.js';
import type { TestPicture } from './test-pictures.js';

/** The places that a caption can name, and how it does. */
const places: readonly (readonly [word: string, phrase: string])[] = [
  ...colorNames.map((word) => [word, `on ${word}`] as const),
  ...landscapeNames.map((word) => [word, landscapePhrases[word]] as const),
];

const animalOf = ({ objects }: JudgeFacts): string =>
  objects.find(({ label }) => label !== 'book')?.label ?? '';

/** Of the captions of all 45 animals, how often that of the picture's own is preferred. */
export const rankAnimals = async (
  score: Score,
  pictures: readonly { readonly pixels: Float32Array; readonly animal: string }[],
): Promise<RankShares> => {
  const pixels = pictures.map((picture) => picture.pixels);
  const table: number[][] = [];
  for (const name of animalNames)
    table.push(
      await score(
        pixels,
        pixels.map(() => withArticle(name)),
      ),
    );
  return rankShares(
    pictures.map(({ animal }) => animalNames.indexOf(animal)),
    table,
  );
};

/** Of the captions of an animal in all 17 places, how often that of its own place is preferred. */
const rankPlaces = async (score: Score, pictures: readonly TestPicture[]): Promise<RankShares> => {
  const placed = pictures.filter(({ facts }) => facts.background.kind !== 'texture');
  const pixels = placed.map((picture) => picture.pixels);
  const table: number[][] = [];
  for (const [, phrase] of places) {
    const prompts = placed.map(({ facts }) => `${withArticle(animalOf(facts))} ${phrase}`);
    table.push(await score(pixels, prompts));
  }
  return rankShares(
    placed.map(({ facts }) => places.findIndex(([word]) => word === facts.background.word)),
    table,
  );
};

/** How often a picture of an animal with a book fits "a fox and a book" better than one of the same animal alone. */
const compareBooks = async (
  score: Score,
  alone: readonly TestPicture[],
  beside: readonly TestPicture[],
): Promise<{ readonly pairs: number; readonly right: number }> => {
  const scored = async (pictures: readonly TestPicture[]) => {
    const prompts = pictures.map(({ facts }) => `${withArticle(animalOf(facts))} and a book`);
    const scores = await score(
      pictures.map(({ pixels }) => pixels),
      prompts,
    );
    return pictures.map(({ facts }, i) => ({ animal: animalOf(facts), score: scores[i]! }));
  };
  const without = await scored(alone);
  let [pairs, right] = [0, 0];
  for (const { animal, score: high } of await scored(beside)) {
    for (const other of without.filter((one) => one.animal === animal)) {
      pairs += 1;
      if (high > other.score) right += 1;
    }
  }
  return { pairs, right: right / pairs };
};

/** Whether a scene shows an animal beside a book. */
const showsPair = ({ objects }: JudgeFacts): boolean =>
  objects.length === 2 && objects.filter(({ label }) => label === 'book').length === 1;

/** How well a judge of captions tells animals, places and books. */
export const clipReport = async (score: Score, pictures: readonly TestPicture[]) => {
  const alone = pictures.filter(({ facts }) => showsOneAnimal(facts));
  return {
    animals: await rankAnimals(
      score,
      alone.map(({ pixels, facts }) => ({ pixels, animal: animalOf(facts) })),
    ),
    places: await rankPlaces(score, alone),
    books: await compareBooks(
      score,
      alone,
      pictures.filter(({ facts }) => showsPair(facts)),
    ),
  };
};
