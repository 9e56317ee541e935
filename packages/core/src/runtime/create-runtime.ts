import type { BackendName, ComputeType, Runtime } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { createEagerRuntime } from './eager-runtime.js';
import { locateTensorFlow } from './provision/locate-tensorflow.js';
import { createTensorFlowRuntime } from './tensorflow/tensorflow-runtime.js';
import { tf } from './tf.js';

/** Which runtime is wanted. */
export interface RuntimeOptions {
  /** @default 'float32' */
  readonly computeType?: ComputeType;
  /** @default 'tensorflow' */
  readonly backend?: BackendName;
}

/** Starts a back end. */
export const createRuntime = async (options: RuntimeOptions = {}): Promise<Runtime> => {
  const { backend = 'tensorflow', computeType = 'float32' } = options;
  if (backend === 'tensorflow') {
    const files = locateTensorFlow('cpu');
    if (!files)
      throw new DraftError('DRAFT_RUNTIME_MISSING', 'TensorFlow is not set up: run `draft runtime install`.');
    return createTensorFlowRuntime(files, computeType);
  }
  await tf.setBackend(backend);
  await tf.ready();
  return createEagerRuntime(backend);
};
