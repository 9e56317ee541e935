import type {
  BackendName,
  CompiledFunction,
  Runtime,
  StoredType,
  TensorRecord,
} from '../contracts/runtime.js';
import { bfloat16ToFloat32 } from '../files/bfloat16.js';
import { float16ToFloat32 } from '../files/float16.js';
import { callEagerly } from './call-eagerly.js';
import { reorderConvolution } from './reorder-convolution.js';
import { tf } from './tf.js';

const toFloat32 = (bytes: Uint8Array, storedAs: StoredType): Float32Array => {
  const copy = bytes.slice().buffer;
  if (storedAs === 'F32') return new Float32Array(copy);
  const halves = new Uint16Array(copy);
  return storedAs === 'F16' ? float16ToFloat32(halves) : bfloat16ToFloat32(halves);
};

/**
 * The runtime over one of TensorFlow.js's own back ends: weights in float32, functions simply called.
 * @param backend The back end that `tf.setBackend` has already made current.
 */
export const createEagerRuntime = (backend: Exclude<BackendName, 'tensorflow'>, device = 'CPU'): Runtime => ({
  backend,
  device,
  version: `TensorFlow.js ${tf.version.tfjs}`,
  computeType: 'float32',
  graphs: false,
  weight(bytes, storedAs, shape, layout) {
    const numbers = toFloat32(bytes, storedAs);
    const ordered = layout === 'convolution' ? reorderConvolution(numbers, shape) : numbers;
    return tf.tensor(ordered, [...shape], 'float32');
  },
  compile<Input extends TensorRecord, Output extends TensorRecord>(
    _name: string,
    body: (inputs: Input) => Output,
  ) {
    const run = async (inputs: Input): Promise<Output> => callEagerly(body, inputs);
    return Object.assign(run, { dispose: () => {} }) as CompiledFunction<Input, Output>;
  },
  memory: () => {
    const { numTensors, numDataBuffers } = tf.memory();
    return { tensors: numTensors, backendTensors: numDataBuffers, residentBytes: process.memoryUsage().rss };
  },
});
