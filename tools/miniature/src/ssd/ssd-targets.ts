import type { Movement } from '../judges/augment.js';
import { detectorLabels, movedBox } from '../judges/detector-targets.js';
import type { SceneObject } from '../judges/judge-scene.js';
import { side } from '../judges/judge-scenes.js';
import { type Anchor, anchors, boxScales } from './ssd-architecture.js';

/** From which overlap on a box has to name the object, and up to which it must not; between, it may. */
const [least, most] = [0.5, 0.35];

/** What each box of a picture should say; labels by number, the number of labels for none. */
export interface SsdTargets {
  /** The label that it has to name. */
  readonly named: Float32Array; // [boxes]
  /** A label that it may name or not. */
  readonly free: Float32Array; // [boxes]
  /** Where the named object is. */
  readonly codes: Float32Array; // [boxes, 4]
}

/** An object's place as shares of the picture. */
const anchorOf = ([left, top, right, bottom]: readonly [number, number, number, number]): Anchor => ({
  x: (left + right) / 2 / side,
  y: (top + bottom) / 2 / side,
  width: Math.max(1, right - left) / side,
  height: Math.max(1, bottom - top) / side,
});

/** The share of the union of two boxes that both cover. */
const overlapOf = (a: Anchor, b: Anchor): number => {
  const along = (x: number, length: number, y: number, other: number): number =>
    Math.max(0, Math.min(x + length / 2, y + other / 2) - Math.max(x - length / 2, y - other / 2));
  const shared = along(a.x, a.width, b.x, b.width) * along(a.y, a.height, b.y, b.height);
  return shared / (a.width * a.height + b.width * b.height - shared);
};

/** How an object is told relative to an anchor: y, x, height, width. */
export const encodeBox = (object: Anchor, anchor: Anchor): readonly [number, number, number, number] => [
  (boxScales[0] * (object.y - anchor.y)) / anchor.height,
  (boxScales[1] * (object.x - anchor.x)) / anchor.width,
  boxScales[2] * Math.log(object.height / anchor.height),
  boxScales[3] * Math.log(object.width / anchor.width),
];

/** Gives each object the anchors that overlap it by at least a half, and always the best; an anchor has one object. */
export function ssdTargets(objects: readonly SceneObject[], movement: Movement): SsdTargets {
  const none = detectorLabels.length;
  const named = new Float32Array(anchors.length).fill(none);
  const free = new Float32Array(anchors.length).fill(none);
  const codes = new Float32Array(anchors.length * 4);
  const claimed = new Float32Array(anchors.length);
  for (const object of objects) {
    const label = detectorLabels.indexOf(object.label);
    const place = anchorOf(movedBox(object, movement));
    const overlaps = anchors.map((anchor) => overlapOf(place, anchor));
    const best = overlaps.indexOf(Math.max(...overlaps));
    overlaps.forEach((overlap, i) => {
      const claim = i === best ? 2 : overlap;
      if (claim <= most) return;
      if (claim < least || claim <= claimed[i]!) {
        free[i] = label;
        return;
      }
      claimed[i] = claim;
      named[i] = label;
      codes.set(encodeBox(place, anchors[i]!), i * 4);
    });
  }
  return { named, free, codes };
}
