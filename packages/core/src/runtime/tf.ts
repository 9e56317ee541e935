import { createRequire } from 'node:module';
import type * as TensorFlowJs from '@tensorflow/tfjs';

/**
 * TensorFlow.js. Plugins take it from here and never import it themselves, so that one process holds one
 * engine. (It is CommonJS: required, it is there a quarter of a second sooner than imported, as nobody looks for its exports.)
 */
export const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof TensorFlowJs;

export type {
  DataType,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
} from '@tensorflow/tfjs';
