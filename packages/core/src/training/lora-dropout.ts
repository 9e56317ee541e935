import type { RandomSource } from '../contracts/random-source.js';
import type { TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { type Tensor, tf } from '../runtime/tf.js';

/** The dropout of one iteration. */
export interface LoraDropout {
  /**
   * Adapters as they act in this iteration, by the names of `adapterRecord`; also gradients in these turned into gradients
   * in the adapters themselves, as both are one product. New tensors are the dropout's, others those that came in.
   */
  apply(record: TensorRecord): Record<string, Tensor>;
  /** Frees the masks and all that `apply` made. */
  dispose(): void;
}

const isDown = (name: string): boolean => name.startsWith('lora.') && name.endsWith('.down');

/**
 * Draws which input features of each adapted layer the LoRA does without, `y = W x + s · B A (m ∘ x)`, where each entry of
 * `m` is 0 with probability `rate` and `1 / (1 − rate)` otherwise. As `A (m ∘ x) = (A · diag m) x`, it is the adapters that
 * are masked, and the network and its recorded graphs stay what they are. One mask a layer serves all pictures, places
 * and sampling steps of an iteration, so that each step is walked back through as it was sampled.
 * @param rate `[0, 1)`; 0 changes nothing.
 * @param random Random numbers of this iteration.
 * @param parameters What is trained, for its names and shapes.
 * @throws DraftError `DRAFT_DROPOUT_INVALID`.
 */
export const drawLoraDropout = (
  rate: number,
  random: RandomSource,
  parameters: TensorRecord,
): LoraDropout => {
  if (!(rate >= 0 && rate < 1)) {
    throw new DraftError('DRAFT_DROPOUT_INVALID', `The rate of LoRA dropout must be in [0, 1), not ${rate}.`);
  }
  if (rate === 0) return { apply: (record) => ({ ...record }), dispose: () => {} };
  const masks = new Map<string, Tensor>();
  for (const [name, { shape }] of Object.entries(parameters).filter(([key]) => isDown(key))) {
    const source = random.child(name);
    const kept = Array.from({ length: shape[1] ?? 0 }, () => (source.uniform() < rate ? 0 : 1 / (1 - rate)));
    masks.set(name, tf.tensor2d(kept, [1, kept.length])); // [1, in]
  }
  const made: Tensor[] = [];
  return {
    apply: (record) =>
      Object.fromEntries(
        Object.entries(record).map(([name, tensor]): [string, Tensor] => {
          const mask = masks.get(name);
          if (mask === undefined) return [name, tensor];
          const product = tf.mul(tensor, mask);
          made.push(product);
          return [name, product];
        }),
      ),
    dispose() {
      tf.dispose([...masks.values(), ...made]);
      masks.clear();
      made.length = 0;
    },
  };
};
