import { animalNames } from '../data/animals.js';
import type { Movement } from './augment.js';
import type { LabelledBox } from './group-scenes.js';
import { side } from './judge-scenes.js';

/** What the detector is asked for in training. */
export const detectorLabels: readonly string[] = [...animalNames, 'book'];

/** Cells a side; the one that an object's centre lies in has to find it. */
export const cells = 4;

/** What each cell of a picture should say. */
export interface DetectorTargets {
  readonly classes: Float32Array; // [cells², labels]
  /** Centre, width and height as shares of the picture. */
  readonly boxes: Float32Array; // [cells², 4]
  /** 1 where the cell has an object. */
  readonly mask: Float32Array; // [cells²]
}

/** A box after the picture was moved, cut at its edges; left, top, right, bottom. */
const moved = ({ box }: LabelledBox, { mirrored, shiftX, shiftY }: Movement) => {
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

/** The free cell nearest to a centre in pixels. */
function freeCell(mask: Float32Array, x: number, y: number): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let cell = 0; cell < cells * cells; cell++) {
    if (mask[cell]) continue;
    const middleX = (((cell % cells) + 0.5) * side) / cells;
    const middleY = ((Math.floor(cell / cells) + 0.5) * side) / cells;
    const distance = Math.hypot(middleX - x, middleY - y);
    if (distance < least) [best, least] = [cell, distance];
  }
  return best;
}

/** Gives each object the free cell nearest to its centre. */
export function detectorTargets(objects: readonly LabelledBox[], movement: Movement): DetectorTargets {
  const count = cells * cells;
  const classes = new Float32Array(count * detectorLabels.length);
  const boxes = new Float32Array(count * 4).fill(0.5);
  const mask = new Float32Array(count);
  for (const object of objects) {
    const [left, top, right, bottom] = moved(object, movement);
    const cell = freeCell(mask, (left + right) / 2, (top + bottom) / 2);
    mask[cell] = 1;
    classes[cell * detectorLabels.length + detectorLabels.indexOf(object.label)] = 1;
    const shares = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top].map((x) => x / side);
    boxes.set(shares, cell * 4);
  }
  return { classes, boxes, mask };
}
