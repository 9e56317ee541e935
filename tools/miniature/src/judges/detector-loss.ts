import { type Scalar, type Tensor, tf } from '@draft/core';

/** What the network says and what it should say; `cells` in all. */
export interface DetectorLossInputs {
  readonly logits: Tensor; // [n, cells, labels]
  readonly predicted: Tensor; // [n, cells, 4], centre, width and height
  readonly classes: Tensor; // [n, cells, labels]
  /** 0 where what is said of a label does not count. */
  readonly judged: Tensor; // [n, cells, labels]
  readonly boxes: Tensor; // [n, cells, 4]
  readonly mask: Tensor; // [n, cells]
}

/** Focal loss of each logit with γ = 2, misses counted three times as much as false alarms. */
export const focal = (logits: Tensor, wanted: Tensor): Tensor => {
  const yes = tf.neg(tf.softplus(tf.neg(logits))); // log p
  const no = tf.neg(tf.softplus(logits)); // log (1 − p)
  const probability = tf.sigmoid(logits);
  const hit = tf.mul(tf.mul(wanted, tf.square(tf.sub(1, probability))), yes);
  const quiet = tf.mul(tf.mul(tf.sub(1, wanted), tf.square(probability)), no);
  return tf.neg(tf.add(tf.mul(0.75, hit), tf.mul(0.25, quiet)));
};

/** Left, top, right and bottom, each `[n, cells]`. */
const corners = (boxes: Tensor): readonly [Tensor, Tensor, Tensor, Tensor] => {
  const [x, y, width, height] = tf.unstack(boxes, -1) as [Tensor, Tensor, Tensor, Tensor];
  const [halfWidth, halfHeight] = [tf.div(width, 2), tf.div(height, 2)];
  return [tf.sub(x, halfWidth), tf.sub(y, halfHeight), tf.add(x, halfWidth), tf.add(y, halfHeight)];
};

/**
 * Generalised overlap of boxes, −1 … 1.
 * @see Rezatofighi et al. 2019, Generalized Intersection over Union
 */
export const generalisedOverlap = (a: Tensor, b: Tensor): Tensor => {
  const [left, top, right, bottom] = corners(a);
  const [left2, top2, right2, bottom2] = corners(b);
  const area = (l: Tensor, t: Tensor, r: Tensor, d: Tensor): Tensor =>
    tf.mul(tf.relu(tf.sub(r, l)), tf.relu(tf.sub(d, t)));
  const shared = area(
    tf.maximum(left, left2),
    tf.maximum(top, top2),
    tf.minimum(right, right2),
    tf.minimum(bottom, bottom2),
  );
  const union = tf.sub(tf.add(area(left, top, right, bottom), area(left2, top2, right2, bottom2)), shared);
  const hull = area(
    tf.minimum(left, left2),
    tf.minimum(top, top2),
    tf.maximum(right, right2),
    tf.maximum(bottom, bottom2),
  );
  const safe = tf.maximum(hull, 1e-6);
  return tf.sub(tf.div(shared, tf.maximum(union, 1e-6)), tf.div(tf.sub(hull, union), safe));
};

/**
 * Focal loss of the classes for each object that is there, distance and generalised overlap of the boxes for each cell
 * that has one.
 */
export const detectorLoss = (inputs: DetectorLossInputs): Scalar => {
  const { logits, predicted, classes, judged, boxes, mask } = inputs;
  const objects = tf.maximum(tf.sum(classes), 1);
  const boxed = tf.maximum(tf.sum(mask), 1);
  const distance = tf.mul(mask, tf.sum(tf.abs(tf.sub(predicted, boxes)), -1));
  const apart = tf.mul(mask, tf.sub(1, generalisedOverlap(predicted, boxes)));
  return tf.addN([
    tf.div(tf.mul(4, tf.sum(tf.mul(judged, focal(logits, classes)))), objects),
    tf.div(tf.add(tf.mul(5, tf.sum(distance)), tf.mul(2, tf.sum(apart))), boxed),
  ]) as Scalar;
};
