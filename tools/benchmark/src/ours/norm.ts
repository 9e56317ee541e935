import { type Tensor, tf } from '@draft/core';

/** The Euclidean norm of all numbers of these tensors, as one vector. */
export const norm = (tensors: readonly Tensor[]): number =>
  tf.tidy(() => tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))).dataSync()[0] as number);
