import { tf } from '../runtime/tf.js';

/** Whether the active back end is TensorFlow, whose kernels differ in what is fast from the others'. */
export function onTensorFlow(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** Whether the back end's own gradient of a convolution takes no longer than a convolution, as oneDNN's and cuDNN's. */
export function hasFastConvolutionGradient(): boolean {
  return (tf.backend() as { fastConvolutionGradient?: boolean }).fastConvolutionGradient === true;
}
