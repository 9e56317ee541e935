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
    const produced = Object.entries(body(inputs));
    const owned = produced.map(([name, tensor]): [string, Tensor] => [name, tf.clone(tensor)]);
    return Object.fromEntries(owned) as never;
  }) as unknown as Output;
