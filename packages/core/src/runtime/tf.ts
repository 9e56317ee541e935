import * as namespace from '@tensorflow/tfjs';

type TensorFlowJs = typeof namespace;

/**
 * TensorFlow.js. Plugins take it from here and never import it themselves, so that one process holds one
 * engine. (Node sees the package as CommonJS, where only the default export carries the functions.)
 */
export const tf: TensorFlowJs = (namespace as { default?: unknown }).default
  ? ((namespace as unknown as { default: TensorFlowJs }).default as TensorFlowJs)
  : namespace;

export type {
  DataType,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
} from '@tensorflow/tfjs';
