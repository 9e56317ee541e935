import { type Tensor, tf } from '../../src/runtime/tf.js';

/** The method of TensorFlow's back end through which all its ops go. */
interface OpRunner {
  executeMultipleOutputs: (name: string, ...rest: never[]) => Tensor[];
}

/** Names of the kernels that a function runs, in order; disposes what it returns. */
async function kernelsOf(f: () => Tensor | Tensor[]): Promise<readonly string[]> {
  const { kernels, result } = await tf.profile(() => tf.tidy(f) as Tensor);
  tf.dispose(result as unknown as Tensor);
  return kernels.map(({ name }) => name);
}

/** How often a function runs a kernel of TensorFlow.js. */
export async function countKernel(name: string, f: () => Tensor | Tensor[]): Promise<number> {
  return (await kernelsOf(f)).filter((kernel) => kernel === name).length;
}

/** How often a function runs an op on TensorFlow. */
export function countOp(name: string, f: () => Tensor | Tensor[]): number {
  const backend = tf.backend() as unknown as OpRunner;
  const original = backend.executeMultipleOutputs;
  let count = 0;
  backend.executeMultipleOutputs = (op, ...rest) => {
    if (op === name) count += 1;
    return original.call(backend, op, ...rest);
  };
  try {
    tf.dispose(tf.tidy(f));
  } finally {
    backend.executeMultipleOutputs = original;
  }
  return count;
}
