import { animalNames } from './data/animals.js';
import { landscapeNames } from './data/background/landscape.js';
import { textureNames } from './data/background/texture.js';
import { colorNames } from './data/color.js';
import { iconSets } from './data/icon-set.js';

/** The words that hold captions together. */
const structureWords = [
  ...['a', 'an', 'the', 'of', 'on', 'in', 'at', 'by', 'and', 'with'],
  ...['picture', 'photo', 'drawing', 'background', 'face', 'book'],
];

/** A style word may hold a digit, which CLIP's tokenizer always splits off. */
const styleWords = [...new Set(iconSets.flatMap(({ style }) => (style ? [style] : [])))];

/** Every word that captions use, each once. */
export const captionWords: readonly string[] = [
  ...new Set([
    ...animalNames,
    ...structureWords,
    ...styleWords,
    ...colorNames,
    ...landscapeNames,
    ...textureNames,
  ]),
];
