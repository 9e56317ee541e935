import { type Tensor, tf } from '../runtime/tf.js';

/** Gives each input's gradient by a function, which is called only where that gradient is wanted. */
export type LazyGradients = Readonly<Record<string, () => Tensor>>;

/** The part of TensorFlow.js's engine that its own operations are built on. */
interface KernelRunner {
  runKernelFunc<T extends Tensor>(parameters: {
    readonly inputs: Readonly<Record<string, Tensor>>;
    readonly forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => T;
    readonly backwardsFunc: (dy: T, saved: Tensor[]) => LazyGradients;
  }): T;
}

/**
 * Runs an operation whose gradient is given explicitly. Unlike `tf.customGrad`, it takes the gradients as
 * functions, one per named input, of which the engine calls only those on the way to what is differentiated:
 * the gradient of a frozen weight costs nothing.
 *
 * `backward` must not call `tf.grad`, nor return `dy` itself; tensors that several gradients share are computed
 * before it returns, inside `tf.tidy`.
 * @param inputs Every tensor that may be differentiated, by a plain name.
 * @param forward Computes the result, which must be none of the inputs; `save` keeps tensors for `backward`.
 * @param backward Takes the result's gradient and the saved tensors.
 */
export function customGradient<T extends Tensor>(
  inputs: Readonly<Record<string, Tensor>>,
  forward: (save: (tensors: readonly Tensor[]) => void) => T,
  backward: (dy: T, saved: readonly Tensor[]) => LazyGradients,
): T {
  const engine = tf.engine() as unknown as KernelRunner;
  return engine.runKernelFunc<T>({
    inputs,
    forwardFunc: (_, save) => forward((tensors) => save([...tensors])),
    backwardsFunc: backward,
  });
}
