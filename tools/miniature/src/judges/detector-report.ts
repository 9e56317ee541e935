import { animalNames } from '../data/animals.js';
import type { Box } from '../data/paint-sprite.js';
import { detectorLabels } from './detector-targets.js';
import { showsOneAnimal } from './draw-batch.js';
import type { JudgeFacts } from './judge-scene.js';
import { type RankShares, rankShares } from './rank-report.js';
import type { TestPicture } from './test-pictures.js';

/** What a detector says of a picture: for each label its best score and box, in pixels. */
export type Findings = readonly { readonly score: number; readonly box: Box }[];

/** A detector that looks for every label in one picture, `[64, 64, 3]` in `[0, 1]`. */
export interface OpenDetector {
  find(pixels: Float32Array): Promise<Findings>;
  dispose(): void;
}

/** From which score on something counts as found, and from which overlap on a box as right. */
const sure = 0.5;
const right = 0.5;

/** Objects are small whose longer side has fewer pixels. */
const small = 20;

const area = ([left, top, rightmost, bottom]: Box): number =>
  Math.max(0, rightmost - left) * Math.max(0, bottom - top);

/** The share of the union of two boxes that both cover. */
export const overlapOf = (a: Box, b: Box): number => {
  const shared = area([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  return shared / (area(a) + area(b) - shared);
};

/** Some of how many. */
export interface Share {
  readonly of: number;
  readonly share: number;
}

const shareOf = <Item>(items: readonly Item[], holds: (item: Item) => boolean): Share => ({
  of: items.length,
  share: items.filter(holds).length / items.length,
});

interface Judged {
  readonly facts: JudgeFacts;
  readonly findings: Findings;
}

const longer = ([left, top, rightmost, bottom]: Box): number => Math.max(rightmost - left, bottom - top);

/** A label of a picture, found or not. */
interface Sought {
  readonly label: string;
  /** Longest side of the label's objects. */
  readonly size: number;
  readonly score: number;
  /** Whether the best box of the label covers one of its objects. */
  readonly covered: boolean;
  /** Whether its score is higher than that of every label that is not there. */
  readonly above: boolean;
}

/** What came of each label that is in a picture. */
export const soughtIn = ({ facts: { objects }, findings }: Judged): readonly Sought[] => {
  const there = new Set(objects.map(({ label }) => label));
  const absent = Math.max(...findings.map(({ score }, i) => (there.has(detectorLabels[i]!) ? 0 : score)));
  return [...there].map((label) => {
    const { score, box } = findings[detectorLabels.indexOf(label)]!;
    const own = objects.filter((object) => object.label === label);
    return {
      label,
      size: Math.max(...own.map((object) => longer(object.box))),
      score,
      covered: own.some((object) => overlapOf(object.box, box) >= right),
      above: score > absent,
    };
  });
};

/** What a detector is worth. */
export interface DetectorReport {
  /** Of animals alone: whether the surest of all boxes has the right name, and covers the animal. */
  readonly alone: Share;
  /** Of objects of groups, and of the small ones: whether their best box covers them and beats every label that is not there. */
  readonly objects: Share;
  readonly smallObjects: Share;
  /** Of pictures with a book, and with a small one: whether it is found, with the right box. */
  readonly books: Share;
  readonly smallBooks: Share;
  /** Of pictures without a book: whether one is found all the same. */
  readonly falseBooks: Share;
}

/** Compares what a detector finds with what is there. */
export const detectorReport = async (
  { find }: OpenDetector,
  pictures: readonly TestPicture[],
): Promise<DetectorReport> => {
  const judged: Judged[] = [];
  for (const { pixels, facts } of pictures) judged.push({ facts, findings: await find(pixels) });
  const alone = judged.filter(({ facts }) => showsOneAnimal(facts)).flatMap(soughtIn);
  const sought = judged.filter(({ facts }) => !showsOneAnimal(facts)).flatMap(soughtIn);
  const books = judged.flatMap(soughtIn).filter(({ label }) => label === 'book');
  const bookless = judged.filter(({ facts }) => facts.objects.every(({ label }) => label !== 'book'));
  const found = ({ score, covered }: Sought): boolean => score >= sure && covered;
  const best = ({ covered, above }: Sought): boolean => covered && above;
  return {
    alone: shareOf(alone, best),
    objects: shareOf(sought, best),
    smallObjects: shareOf(
      sought.filter(({ size }) => size < small),
      best,
    ),
    books: shareOf(books, found),
    smallBooks: shareOf(
      books.filter(({ size }) => size < small),
      found,
    ),
    falseBooks: shareOf(bookless, ({ findings }) => findings[detectorLabels.indexOf('book')]!.score >= sure),
  };
};

/** How often the surest of all animals is the one that was asked for. */
export const rankFindings = async (
  { find }: OpenDetector,
  pictures: readonly { readonly pixels: Float32Array; readonly animal: string }[],
): Promise<RankShares> => {
  const table: number[][] = detectorLabels.map(() => []);
  for (const { pixels } of pictures) {
    (await find(pixels)).forEach(({ score }, label) => {
      table[label]!.push(score);
    });
  }
  return rankShares(
    pictures.map(({ animal }) => animalNames.indexOf(animal)),
    table,
  );
};
