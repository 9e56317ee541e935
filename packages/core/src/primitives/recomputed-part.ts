import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { customGradient } from './custom-gradient.js';

/** What is touched of TensorFlow.js's engine: the record of the gradient that is being taken, and how another is. */
interface TapeHolder {
  readonly state: { activeTape: unknown };
  /** `tf.grads`, but undefined for what the result does not depend on. */
  gradients(
    f: () => Tensor,
    variables: readonly Tensor[],
    dy: Tensor,
    allowNone: boolean,
  ): { readonly grads: readonly (Tensor | undefined)[] };
}

/**
 * Runs a part of a network that keeps nothing for its gradient but its arguments: what lies between is computed again when
 * the gradient arrives (gradient checkpointing: Chen et al., 2016). Differentiable in every argument.
 * @param inputs Every tensor that may be differentiated, by a plain name; what else the part reads is taken as constant.
 * @param body Plain tensor code; its result must be none of the inputs.
 * @see {@link https://arxiv.org/abs/1604.06174}
 */
export const recomputedPart = <Out extends Tensor>(
  inputs: Readonly<Record<string, Tensor>>,
  body: (inputs: Readonly<Record<string, Tensor>>) => Out,
): Out => {
  const names = Object.keys(inputs);
  const named = (tensors: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i] as Tensor]));
  return customGradient(
    inputs,
    (save) => {
      save(Object.values(inputs));
      return body(inputs);
    },
    (dy, saved) => {
      // A gradient within the walk back of another would leave that one without its record.
      const engine = tf.engine() as unknown as TapeHolder;
      const record = engine.state.activeTape;
      try {
        const ready = saved.map((tensor) => after(tensor, dy));
        const { grads } = engine.gradients(() => body(named(ready)), ready, dy, true);
        const none = (i: number) => tf.zerosLike(saved[i] as Tensor);
        return Object.fromEntries(names.map((name, i) => [name, () => grads[i] ?? none(i)]));
      } finally {
        engine.state.activeTape = record;
      }
    },
  );
};
