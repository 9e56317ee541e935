import { animalNames } from '../data/animals.js';
import { landscapeNames } from '../data/background/landscape.js';
import { textureNames } from '../data/background/texture.js';
import { type CaptionFacts, placePhrase, plainCaption, richCaption, withArticle } from '../data/caption.js';
import { colorNames } from '../data/color.js';
import { iconSets, type Style } from '../data/icon-set.js';
import type { RandomSource } from '../data/random-source.js';
import type { JudgeFacts } from './judge-scene.js';

/** The style words. */
const styles = iconSets.flatMap(({ style }) => (style ? [style] : []));

/** What a caption may tell of a scene that shows an animal, of one of them where it shows several. */
export const captionFactsOf = (
  { objects, background }: JudgeFacts,
  random: RandomSource,
): CaptionFacts | undefined => {
  const animals = objects.filter(({ label }) => label !== 'book');
  if (animals.length === 0) return undefined;
  const { label: animal, style, face } = random.pick(animals);
  const book = objects.length > animals.length;
  return { animal, ...(style ? { style } : {}), face, background, book };
};

/** A caption of a scene: two thirds tell more than the animal. */
const captionOf = (facts: CaptionFacts, random: RandomSource): string =>
  random.chance(0.67) ? richCaption(facts, random) : plainCaption(facts, random);

/** A caption of a scene without animals. */
const captionWithout = ({ objects, background }: JudgeFacts, random: RandomSource): string => {
  const place = placePhrase(background, random);
  if (objects.length === 0) return place;
  const subject = random.pick(['a book', 'book', 'a picture of a book', 'a photo of a book']);
  return random.chance(0.6) ? `${subject} ${place}` : subject;
};

/** A true caption, drawn anew. */
export const drawCaption = (facts: JudgeFacts, random: RandomSource): string => {
  const told = captionFactsOf(facts, random);
  return told ? captionOf(told, random) : captionWithout(facts, random);
};

const meaningful = new Set<string>([
  ...animalNames,
  ...colorNames,
  ...landscapeNames,
  ...textureNames,
  ...styles,
  'face',
  'book',
]);

/** The words of a caption that say something of the scene. */
export const claimsOf = (caption: string): readonly string[] =>
  caption.split(/[^a-z0-9]+/).filter((word) => meaningful.has(word));

/** The words that are true of a scene. */
export const truthsOf = ({ objects, background }: JudgeFacts): ReadonlySet<string> =>
  new Set([
    ...objects.flatMap(({ label, style, face }) => [
      label,
      ...(style ? [style] : []),
      ...(face ? ['face'] : []),
    ]),
    background.word,
    ...(background.color ? [background.color] : []),
  ]);

/** Whether all that a caption says is true of a scene. */
export const holds = (claims: readonly string[], truths: ReadonlySet<string>): boolean =>
  claims.every((claim) => truths.has(claim));

/** Another background, of the same kind half of the time. */
const otherBackground = (random: RandomSource): CaptionFacts['background'] => {
  const kind = random.pickWeighted([
    ['plain', 0.5],
    ['landscape', 0.35],
    ['texture', 0.15],
  ] as const);
  if (kind === 'landscape') return { kind, word: random.pick(landscapeNames) };
  const color = random.pick(colorNames);
  return kind === 'plain' ? { kind, word: color } : { kind, word: random.pick(textureNames), color };
};

/** The facts with one of them changed. */
const changed = (facts: CaptionFacts, random: RandomSource): CaptionFacts =>
  random.pickWeighted<() => CaptionFacts>([
    [() => ({ ...facts, background: otherBackground(random) }), 0.4],
    [() => ({ ...facts, animal: random.pick(animalNames) }), 0.3],
    [() => ({ ...facts, book: !facts.book }), 0.2],
    [() => ({ ...facts, style: random.pick(styles) as Style }), 0.1],
  ])();

/**
 * A caption that is nearly true of a scene, one thing in it being wrong: what a judge of captions has to learn to see.
 * Of a scene without animals, a caption of another.
 */
export const drawWrongCaption = (facts: JudgeFacts, random: RandomSource): string => {
  const told = captionFactsOf(facts, random);
  const truths = truthsOf(facts);
  for (;;) {
    const caption = told
      ? captionOf(changed(told, random), random)
      : random.chance(0.5)
        ? withArticle(random.pick(animalNames))
        : captionWithout({ ...facts, background: otherBackground(random) }, random);
    if (!holds(claimsOf(caption), truths)) return caption;
  }
};

/**
 * Which captions hold for which scenes, within groups of `rows` scenes that share `captions.length / facts.length · rows`
 * captions: `[scenes, captions of a group]`, 1 where a caption of the scene's group is true of it.
 */
export const truthOf = (
  captions: readonly string[],
  facts: readonly JudgeFacts[],
  rows: number,
): Float32Array => {
  const claims = captions.map(claimsOf);
  const columns = (captions.length / facts.length) * rows;
  const truth = new Float32Array(facts.length * columns);
  facts.forEach((fact, i) => {
    const truths = truthsOf(fact);
    const group = Math.floor(i / rows) * columns;
    for (let j = 0; j < columns; j++) truth[i * columns + j] = holds(claims[group + j]!, truths) ? 1 : 0;
  });
  return truth;
};
