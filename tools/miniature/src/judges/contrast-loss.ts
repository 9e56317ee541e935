import { type Scalar, type Tensor, type Tensor2D, tf } from '@draft/core';

/** Mean over the rows with any truth of the cross entropy between what is true, shared evenly, and the softmax of the logits. */
const rowEntropy = (logits: Tensor2D, truth: Tensor2D): Scalar => {
  const total = tf.sum(truth, 1, true); // [rows, 1]
  const targets = tf.div(truth, tf.maximum(total, 1));
  const each: Tensor = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1));
  return tf.div(tf.sum(each), tf.sum(tf.minimum(total, 1))) as Scalar;
};

/**
 * CLIP's symmetric contrast of pictures and captions, where a caption may be true of several pictures of the batch, or of
 * none: such a one only has to be told from what is true of a picture.
 * @param logits `[pictures, captions]`.
 * @param truth The same shape: 1 where the caption holds, else 0; no row is empty.
 */
export const contrastLoss = (logits: Tensor2D, truth: Tensor2D): Scalar =>
  tf.mul(
    0.5,
    tf.add(rowEntropy(logits, truth), rowEntropy(tf.transpose(logits), tf.transpose(truth))),
  ) as Scalar;
