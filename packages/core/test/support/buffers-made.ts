import { type Tensor, tf } from '../../src/runtime/tf.js';

/**
 * How many buffers, and bytes, a function leaves while it is being differentiated: its result and what it keeps
 * for its gradient. Inputs that it keeps are not counted, as they share their buffers.
 */
export function buffersMade(
  f: () => Tensor,
  inputs: readonly Tensor[],
): { readonly buffers: number; readonly bytes: number } {
  const seen = new Map<object, number>();
  const made = { buffers: 0, bytes: 0 };
  const engine = tf.engine() as unknown as { state: { activeTape: readonly { saved: readonly Tensor[] }[] } };
  tf.tidy(() => {
    const total = (..._: Tensor[]): Tensor => {
      const before = tf.memory().numDataBuffers;
      const y = f();
      made.buffers = tf.memory().numDataBuffers - before;
      const saved = engine.state.activeTape.flatMap((node) => node.saved);
      for (const t of [y, ...saved]) seen.set(t.dataId, t.size * 4);
      return tf.sum(y);
    };
    tf.grads(total)([...inputs]);
  });
  for (const x of inputs) seen.delete(x.dataId);
  for (const bytes of seen.values()) made.bytes += bytes;
  return made;
}
