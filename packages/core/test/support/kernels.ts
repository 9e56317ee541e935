import { type Tensor, tf } from '../../src/runtime/tf.js';

/** Names of the kernels that a function runs, in order; disposes what it returns. */
async function kernelsOf(f: () => Tensor | Tensor[]): Promise<readonly string[]> {
  const { kernels, result } = await tf.profile(() => tf.tidy(f) as Tensor);
  tf.dispose(result as unknown as Tensor);
  return kernels.map(({ name }) => name);
}

/** How often a function runs a kernel. */
export async function countKernel(name: string, f: () => Tensor | Tensor[]): Promise<number> {
  return (await kernelsOf(f)).filter((kernel) => kernel === name).length;
}
