import { animalNames } from '../data/animals.js';
import type { Movement } from './augment.js';
import type { SceneObject } from './judge-scene.js';
import { side } from './judge-scenes.js';

/** What the detector is asked for in training. */
export const detectorLabels: readonly string[] = [...animalNames, 'book'];

/** Cells a side; the one that an object's centre lies in has to find it. */
export const cells = 8;

/** The cells in this share of an object's width and height are free to say its name or not. */
const core = 0.5;

/** What each cell of a picture should say. */
export interface DetectorTargets {
  readonly classes: Float32Array; // [cells², labels]
  /** 0 where a cell may say what it likes of a label. */
  readonly judged: Float32Array; // [cells², labels]
  /** Centre, width and height as shares of the picture. */
  readonly boxes: Float32Array; // [cells², 4]
  /** 1 where the cell has an object. */
  readonly mask: Float32Array; // [cells²]
}

/** A box after the picture was moved, cut at its edges; left, top, right, bottom. */
export const movedBox = (
  { box }: Pick<SceneObject, 'box'>,
  { mirrored, shiftX, shiftY }: Movement,
): [number, number, number, number] => {
  const [left, top, right, bottom] = box;
  const [from, to] = mirrored ? [side - right, side - left] : [left, right];
  const within = (x: number): number => Math.min(side, Math.max(0, x));
  return [from + shiftX, top + shiftY, to + shiftX, bottom + shiftY].map(within) as [
    number,
    number,
    number,
    number,
  ];
};

/** The middle of a cell in pixels. */
const middleOf = (cell: number): readonly [x: number, y: number] => [
  (((cell % cells) + 0.5) * side) / cells,
  ((Math.floor(cell / cells) + 0.5) * side) / cells,
];

/** The free cell nearest to a centre in pixels. */
function freeCell(taken: ReadonlySet<number>, x: number, y: number): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let cell = 0; cell < cells * cells; cell++) {
    if (taken.has(cell)) continue;
    const [middleX, middleY] = middleOf(cell);
    const distance = Math.hypot(middleX - x, middleY - y);
    if (distance < least) [best, least] = [cell, distance];
  }
  return best;
}

/**
 * Gives each object the free cell nearest to its centre. The other cells around it learn its box too and may name it or
 * not, so that which of them is surest may change with the picture without being wrong.
 */
export function detectorTargets(objects: readonly SceneObject[], movement: Movement): DetectorTargets {
  const count = cells * cells;
  const labels = detectorLabels.length;
  const classes = new Float32Array(count * labels);
  const judged = new Float32Array(count * labels).fill(1);
  const boxes = new Float32Array(count * 4).fill(0.5);
  const mask = new Float32Array(count);
  const moved = objects.map((object) => ({
    label: detectorLabels.indexOf(object.label),
    box: movedBox(object, movement),
  }));
  const put = (cell: number, [left, top, right, bottom]: readonly number[]): void => {
    mask[cell] = 1;
    const shares = [(left! + right!) / 2, (top! + bottom!) / 2, right! - left!, bottom! - top!];
    boxes.set(
      shares.map((x) => x / side),
      cell * 4,
    );
  };
  for (const { label, box } of moved) {
    const [left, top, right, bottom] = box;
    for (let cell = 0; cell < count; cell++) {
      const [x, y] = middleOf(cell);
      const across = Math.abs(x - (left + right) / 2) / Math.max(1, right - left);
      const down = Math.abs(y - (top + bottom) / 2) / Math.max(1, bottom - top);
      if (Math.max(across, down) > core / 2) continue;
      judged[cell * labels + label] = 0;
      put(cell, box);
    }
  }
  const taken = new Set<number>();
  for (const { label, box } of moved) {
    const [left, top, right, bottom] = box;
    const cell = freeCell(taken, (left + right) / 2, (top + bottom) / 2);
    taken.add(cell);
    put(cell, box);
    classes[cell * labels + label] = 1;
    judged[cell * labels + label] = 1;
  }
  return { classes, judged, boxes, mask };
}
