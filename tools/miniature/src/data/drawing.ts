import { type AnimalEmoji, animalEmoji, animalNames, bookEmoji } from './animals.js';
import { type IconSet, iconSets, type Style } from './icon-set.js';
import { openIconSource } from './icon-source.js';

/** One picture of one thing by one family of artists. */
export interface Drawing {
  readonly label: string;
  readonly setId: string;
  readonly icon: string;
  /** Absent in sets that only the autoencoder sees. */
  readonly style?: Style;
  /** Whether the drawing shows the head alone. */
  readonly face: boolean;
  /** How often a caption without a style word shows it, relative to the label's other drawings. */
  readonly plainWeight: number;
}

/** Where a face and a whole body exist, plain captions show the face this often: it reads better when small. */
const faceShare = 0.75;

/** How much rarer a drawing that reads less well is in plain captions. */
const weakShare = 0.15;

/** The name that a set uses where it differs from the others'. */
function iconName(setId: string, emoji: AnimalEmoji, has: (icon: string) => boolean): string | undefined {
  return [setId === 'fluent-3d' ? emoji.code : emoji.name, `${emoji.name}-face`].find(has);
}

function drawingsOf(label: string, emojis: readonly AnimalEmoji[], sets: readonly IconSet[]): Drawing[] {
  const drawings: Drawing[] = [];
  for (const set of sets) {
    const source = openIconSource(set.id);
    const inSet: Drawing[] = [];
    for (const emoji of emojis) {
      if (emoji.without?.includes(set.id)) continue;
      const icon = iconName(set.id, emoji, source.has);
      if (icon === undefined) continue;
      const face = emoji.face === 'all' || (emoji.face?.includes(set.id) ?? false);
      const plainWeight = set.plainWeight * (emoji.weak?.includes(set.id) ? weakShare : 1);
      const style = set.style ? { style: set.style } : {};
      inSet.push({ label, setId: set.id, icon, ...style, face, plainWeight });
    }
    const faces = inSet.filter((drawing) => drawing.face).length;
    const bodies = inSet.length - faces;
    for (const drawing of inSet) {
      const kindShare = faces === 0 || bodies === 0 ? 1 : drawing.face ? faceShare : 1 - faceShare;
      drawings.push({
        ...drawing,
        plainWeight: (drawing.plainWeight * kindShare) / (drawing.face ? faces : bodies),
      });
    }
  }
  return drawings;
}

/** The sets whose animals the captioned scenes show. */
export const captionedSets: readonly IconSet[] = iconSets.filter(({ style }) => style);

/** The drawings of each of the 45 animals that some of the sets have; an animal that none has is left out. */
export function animalDrawings(sets = captionedSets): ReadonlyMap<string, readonly Drawing[]> {
  const all = animalNames.map((animal) => [animal, drawingsOf(animal, animalEmoji[animal]!, sets)] as const);
  return new Map(all.filter(([, drawings]) => drawings.length > 0));
}

/** The drawings of a closed book. */
export function bookDrawings(sets = captionedSets): readonly Drawing[] {
  return drawingsOf('book', bookEmoji, sets);
}

// People in every skin tone, flags and keycaps are many near-copies of each other: one of them would not be missed.
const repetitive =
  /skin-tone|-(dark|light|medium)$|flag|^keycap|^(wo)?man-|^person-|^people-|^family|^couple|^kiss-|regionalindicator|clock/;

/**
 * Everything in the vector sets that is no variant of another picture: what the autoencoder sees besides animals. The
 * WebP set shows what the flat set of the same artists shows, and flags whose artist its package does not name.
 */
export function objectDrawings(): Drawing[] {
  return iconSets
    .filter((set) => set.format === 'iconify')
    .flatMap((set) =>
      openIconSource(set.id)
        .icons.filter((icon) => !repetitive.test(icon))
        .map((icon) => ({ label: 'object', setId: set.id, icon, face: false, plainWeight: 1 })),
    );
}
