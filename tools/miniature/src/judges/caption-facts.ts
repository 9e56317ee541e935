import { animalNames } from '../data/animals.js';
import { landscapeNames } from '../data/background/landscape.js';
import { textureNames } from '../data/background/texture.js';
import { type CaptionFacts, plainCaption, richCaption } from '../data/caption.js';
import { type ColorName, colorNames } from '../data/color.js';
import { iconSets, type Style } from '../data/icon-set.js';
import type { RandomSource } from '../data/random-source.js';
import type { SceneFacts } from '../data/scene.js';

const includes = (names: readonly string[], word: string): boolean => names.includes(word);

/** What a caption may tell of a scene, from its line of `scenes.jsonl`. */
export const captionFactsOf = (facts: SceneFacts): CaptionFacts => {
  const [first = '', second] = facts.background.split(' ');
  const word = second ?? first;
  const kind = includes(landscapeNames, word)
    ? 'landscape'
    : includes(textureNames, word)
      ? 'texture'
      : 'plain';
  const background = second === undefined ? { kind, word } : { kind, word, color: first as ColorName };
  return {
    animal: facts.animal,
    style: facts.style as Style,
    face: facts.face,
    background: background as CaptionFacts['background'],
    book: facts.boxes.some(({ label }) => label === 'book'),
  };
};

/** A caption drawn anew: two thirds tell more than the animal. */
export const drawCaption = (facts: SceneFacts, random: RandomSource): string => {
  const told = captionFactsOf(facts);
  return random.chance(0.67) ? richCaption(told, random) : plainCaption(told, random);
};

const meaningful = new Set<string>([
  ...animalNames,
  ...colorNames,
  ...landscapeNames,
  ...textureNames,
  ...iconSets.flatMap(({ style }) => (style ? [style] : [])),
  'face',
  'book',
]);

/** The words of a caption that say something of the scene. */
export const claimsOf = (caption: string): readonly string[] =>
  caption.split(/[^a-z0-9]+/).filter((word) => meaningful.has(word));

/** The words that are true of a scene. */
export const truthsOf = (facts: SceneFacts): ReadonlySet<string> =>
  new Set([
    ...facts.boxes.map(({ label }) => label),
    facts.style,
    ...facts.background.split(' '),
    ...(facts.face ? ['face'] : []),
  ]);

/** Whether all that a caption says is true of a scene. */
export const holds = (claims: readonly string[], truths: ReadonlySet<string>): boolean =>
  claims.every((claim) => truths.has(claim));

/**
 * Which captions hold for which scenes, within groups of `rows` of them: `[scenes, rows]`, 1 where caption `j` of a
 * scene's group is true of it.
 */
export const truthOf = (
  captions: readonly string[],
  facts: readonly SceneFacts[],
  rows: number,
): Float32Array => {
  const claims = captions.map(claimsOf);
  const truth = new Float32Array(facts.length * rows);
  facts.forEach((fact, i) => {
    const truths = truthsOf(fact);
    const group = i - (i % rows);
    for (let j = 0; j < rows; j++) truth[i * rows + j] = holds(claims[group + j]!, truths) ? 1 : 0;
  });
  return truth;
};
