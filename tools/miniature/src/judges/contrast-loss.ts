import { type Scalar, type Tensor2D, tf } from '@draft/core';

/** Mean over rows of the cross entropy between what is true, shared evenly, and the softmax of the logits. */
const rowEntropy = (logits: Tensor2D, truth: Tensor2D): Scalar => {
  const targets = tf.div(truth, tf.sum(truth, 1, true));
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))) as Scalar;
};

/**
 * CLIP's symmetric contrast of pictures and captions, where a caption may be true of several pictures of the batch.
 * @param logits `[pictures, captions]`.
 * @param truth The same shape: 1 where the caption holds, else 0; no row or column is empty.
 */
export const contrastLoss = (logits: Tensor2D, truth: Tensor2D): Scalar =>
  tf.mul(
    0.5,
    tf.add(rowEntropy(logits, truth), rowEntropy(tf.transpose(logits), tf.transpose(truth))),
  ) as Scalar;
