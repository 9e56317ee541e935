import type { Background } from './background/background.js';
import type { LandscapeName } from './background/landscape.js';
import type { Style } from './icon-set.js';
import type { RandomSource } from './random-source.js';

/** What a caption may tell of a scene. */
export interface CaptionFacts {
  readonly animal: string;
  /** Absent where the family of the drawing has no word. */
  readonly style?: Style;
  /** Whether the head alone is seen. */
  readonly face: boolean;
  readonly background: Pick<Background, 'kind' | 'word' | 'color'>;
  /** Whether a book is there too. */
  readonly book: boolean;
}

/** The share of empty captions, for classifier-free guidance. */
export const emptyShare = 0.1;

/** A noun with its article: `an ant`. */
export const withArticle = (words: string): string => `${/^[aeiou]/.test(words) ? 'an' : 'a'} ${words}`;

/** How a caption names a place. */
export const landscapePhrases: Readonly<Record<LandscapeName, string>> = {
  grass: 'on grass',
  sea: 'by the sea',
  night: 'at night',
  snow: 'in the snow',
  desert: 'in the desert',
  sky: 'in the sky',
};

/** The words that say what is behind the animal. */
export function placePhrase({ kind, word, color }: CaptionFacts['background'], random: RandomSource): string {
  if (kind === 'landscape') return landscapePhrases[word as LandscapeName];
  if (kind === 'texture') return color && random.chance(0.6) ? `on ${color} ${word}` : `on ${word}`;
  return random.chance(0.7) ? `on ${word}` : `on a ${word} background`.replace('a orange', 'an orange');
}

function withBook(subject: string, random: RandomSource): string {
  return random.pickWeighted([
    [`${subject} and a book`, 0.6],
    [`a book and ${subject}`, 0.25],
    [`${subject} with a book`, 0.15],
  ]);
}

/** The short captions that name the thing alone, as most prompts will. */
export function plainCaption({ animal, book }: CaptionFacts, random: RandomSource): string {
  const named = withArticle(animal);
  if (book) return withBook(named, random);
  return random.pickWeighted([
    [named, 0.5],
    [animal, 0.24],
    [`a picture of ${named}`, 0.1],
    [`a photo of ${named}`, 0.08],
    [`a drawing of ${named}`, 0.08],
  ]);
}

/** The captions that also tell style, face or background, in varied order and length. */
export function richCaption(facts: CaptionFacts, random: RandomSource): string {
  const tellsPlace = random.chance(0.75);
  const tellsStyle = random.chance(tellsPlace ? 0.4 : 0.8);
  const tellsFace = facts.face && !facts.book && random.chance(0.45);
  const words = [tellsStyle ? facts.style : '', facts.animal, tellsFace ? 'face' : '']
    .filter(Boolean)
    .join(' ');
  const named = random.chance(0.8) || facts.book ? withArticle(words) : words;
  const subject = facts.book ? withBook(named, random) : named;
  if (!tellsPlace) return subject;
  const place = placePhrase(facts.background, random);
  return random.chance(0.88) ? `${subject} ${place}` : `${place}, ${subject}`;
}
