import { tf } from '../runtime/tf.js';

/** Whether the active back end is TensorFlow, whose kernels differ in what is fast from the others'. */
export function onTensorFlow(): boolean {
  return tf.getBackend() === 'tensorflow';
}
