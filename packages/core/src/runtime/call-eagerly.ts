import type { TensorRecord } from '../contracts/runtime.js';
import { type Tensor, tf } from './tf.js';

/**
 * Calls a function and keeps its results only. Each result is a tensor of its own, so that the caller may dispose
 * it even where the function hands back an argument or a weight; numbers are not copied.
 */
export const callEagerly = <Input extends TensorRecord, Output extends TensorRecord>(
  body: (inputs: Input) => Output,
  inputs: Input,
): Output =>
  tf.tidy(() => {
    // Numbers of tensors only grow: what comes after this one was made by the function.
    const { id: start } = tf.scalar(0);
    const produced = Object.entries(body(inputs));
    const owned = produced.map(([name, tensor]): [string, Tensor] => [name, tf.clone(tensor)]);
    // Results that were kept from an inner tidy would outlive this one.
    for (const [, tensor] of produced)
      if (tensor.kept && tensor.id > start && !tensor.isDisposed) tensor.dispose();
    return Object.fromEntries(owned) as never;
  }) as unknown as Output;
