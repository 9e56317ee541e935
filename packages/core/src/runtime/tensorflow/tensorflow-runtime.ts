import '@tensorflow/tfjs-node/dist/register_all_kernels.js';
import type { ComputeType, Runtime, StoredType } from '../../contracts/runtime.js';
import { tf } from '../tf.js';
import { TensorFlowBackend } from './backend.js';
import { ElementType } from './binding.js';
import { type Arithmetic, compileForTensorFlow } from './compile.js';
import { compileInHalvesForTensorFlow } from './compile-in-halves.js';
import { divideProcessors } from './divide-processors.js';
import { replaceGatherKernel } from './gather-kernel.js';
import { openBinding, type TensorFlowFiles } from './open-binding.js';
import { hasOneDnn } from './product-kernels.js';
import { recordActivity } from './record-activity.js';
import { startRehearsal } from './rehearsal.js';

const stored: Record<StoredType, number> = {
  F32: ElementType.float32,
  F16: ElementType.float16,
  BF16: ElementType.bfloat16,
};

/** Bytes of the widest stored type. */
const alignment = 4;

/**
 * The runtime over TensorFlow: recorded graphs, bfloat16 weights, and a GPU where there is one.
 * @param files Where the provisioned TensorFlow lies.
 * @param batch How many samples functions get at a time; the first runtime of a process decides.
 */
export const createTensorFlowRuntime = (
  files: TensorFlowFiles,
  computeType: ComputeType,
  batch: number,
): Runtime => {
  const { branches, threadsPerOp } = divideProcessors(batch);
  const { binding, version, devices } = openBinding(files, threadsPerOp);
  const gpu = devices.find((device) => device.includes('GPU'));
  const oneDnn = !gpu && hasOneDnn(binding);
  if (!tf.findBackend('tensorflow')) {
    replaceGatherKernel();
    const made = new TensorFlowBackend(
      binding,
      gpu ? 1 : branches,
      gpu !== undefined || oneDnn,
      files.kernels !== undefined,
    );
    tf.registerBackend('tensorflow', () => made as never, 3);
  }
  tf.setBackend('tensorflow');
  const backend = tf.backend() as unknown as TensorFlowBackend;
  const arithmetic: Arithmetic = {
    binding,
    precision: {
      weights: computeType,
      products: gpu ? computeType : 'float32',
      activations: files.kernels?.instructions === 'avx512bf16' ? computeType : 'float32',
    },
    oneDnn,
  };
  const dtype = ElementType[computeType];
  const adopted = (shape: readonly number[], id: number) => backend.adopt({ id, shape: [...shape], dtype });

  const runtime: Runtime = {
    backend: 'tensorflow',
    device: gpu ? gpu.replace(/^.*device:/, '') : 'CPU',
    version: `TensorFlow ${version}`,
    computeType,
    graphs: true,
    weight(bytes, storedAs, shape, layout) {
      const convolution = layout === 'convolution';
      const numbers = bytes.byteOffset % alignment === 0 ? bytes : bytes.slice();
      return adopted(shape, binding.createWeight(shape, dtype, stored[storedAs], convolution, numbers));
    },
    async loadWeight({ descriptor, position }, storedAs, shape, layout) {
      const convolution = layout === 'convolution';
      const from = [descriptor, position] as const;
      return adopted(shape, await binding.loadWeight(shape, dtype, stored[storedAs], convolution, ...from));
    },
    compile: (name, body) => compileForTensorFlow(backend, arithmetic, name, body),
    compileInHalves: (name, body, late) =>
      compileInHalvesForTensorFlow(backend, arithmetic, name, body, late),
    rehearse: () => startRehearsal(backend, arithmetic, runtime),
    record: () => recordActivity(binding),
    memory: () => ({
      tensors: tf.memory().numTensors,
      backendTensors: binding.getNumOfTensors(),
      residentBytes: process.memoryUsage().rss,
    }),
  };
  return runtime;
};
