import {
  type CompiledFunction,
  decodeNumbers,
  type Runtime,
  type StoredType,
  type TensorRecord,
  tf,
} from '@draft/core';

/** What a runtime was asked for. */
export interface Calls {
  /** Weights made: how they were stored, and their shape in the network. */
  readonly weights: { readonly storedAs: StoredType; readonly shape: readonly number[] }[];
  /** Runs by the name of the compiled function. */
  readonly runs: Map<string, number>;
}

/** A runtime on TensorFlow.js's own current back end that counts its calls. */
export function createTestRuntime(): Runtime & { readonly calls: Calls } {
  const calls: Calls = { weights: [], runs: new Map() };
  return {
    calls,
    backend: 'cpu',
    device: 'CPU',
    version: tf.version.tfjs,
    computeType: 'float32',
    graphs: false,
    weight(bytes, storedAs, shape, layout) {
      calls.weights.push({ storedAs, shape });
      const numbers = decodeNumbers(bytes.slice(), storedAs);
      if (layout !== 'convolution') return tf.tensor(numbers, [...shape]);
      const [height, width, inner, out] = shape as [number, number, number, number];
      return tf.tidy(() => tf.transpose(tf.tensor(numbers, [out, inner, height, width]), [2, 3, 1, 0]));
    },
    compile<Input extends TensorRecord, Output extends TensorRecord>(
      name: string,
      body: (inputs: Input) => Output,
    ) {
      const run = async (inputs: Input): Promise<Output> => {
        calls.runs.set(name, (calls.runs.get(name) ?? 0) + 1);
        return tf.tidy(() => body(inputs) as never) as Output;
      };
      return Object.assign(run, { dispose: () => {} }) as CompiledFunction<Input, Output>;
    },
    memory: () => ({
      tensors: tf.memory().numTensors,
      backendTensors: tf.memory().numDataBuffers,
      residentBytes: 0,
    }),
  };
}
