/** The word that captions use for the drawings of one family. */
export type Style = 'cartoon' | 'flat' | '3d' | 'simple';

/** One package of emoji drawings, and the part that it has in the data. */
export interface IconSet {
  readonly id: string;
  /** The npm package, pinned in `package.json`. */
  readonly packageName: string;
  /** Vector drawings in iconify's JSON, or WebP files named after code points. */
  readonly format: 'iconify' | 'webp';
  /** Absent where the set draws no animals for the captions, only objects for the autoencoder. */
  readonly style?: Style;
  /** How often a caption without a style word shows this set, relative to the others. */
  readonly plainWeight: number;
}

/** The openly licensed drawings; licences and credits are in the miniature's `ATTRIBUTION.md`. */
export const iconSets: readonly IconSet[] = [
  { id: 'noto', packageName: '@iconify-json/noto', format: 'iconify', style: 'cartoon', plainWeight: 5 },
  { id: 'fluent-3d', packageName: '@lobehub/fluent-emoji-3d', format: 'webp', style: '3d', plainWeight: 3 },
  {
    id: 'fluent-flat',
    packageName: '@iconify-json/fluent-emoji-flat',
    format: 'iconify',
    style: 'flat',
    plainWeight: 1,
  },
  { id: 'twemoji', packageName: '@iconify-json/twemoji', format: 'iconify', style: 'simple', plainWeight: 1 },
  { id: 'noto-v1', packageName: '@iconify-json/noto-v1', format: 'iconify', plainWeight: 0 },
  { id: 'emojione', packageName: '@iconify-json/emojione', format: 'iconify', plainWeight: 0 },
  { id: 'fxemoji', packageName: '@iconify-json/fxemoji', format: 'iconify', plainWeight: 0 },
];

/** The set of this id; throws when there is none. */
export function iconSet(id: string): IconSet {
  const found = iconSets.find((set) => set.id === id);
  if (!found)
    throw new Error(`There is no icon set "${id}"; there are ${iconSets.map((set) => set.id).join(', ')}.`);
  return found;
}
