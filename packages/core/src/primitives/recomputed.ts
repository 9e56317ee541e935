import { after } from '../runtime/ordering.js';
import { type Tensor, tf } from '../runtime/tf.js';

/** What is touched of TensorFlow.js's engine: the record of the gradient that is being taken. */
interface TapeHolder {
  readonly state: { activeTape: unknown };
}

/**
 * Makes a function of one tensor keep nothing for its gradient but its argument: what lies between is computed again
 * when the gradient is asked for. In a recorded graph the walk back of one such function waits for that of the one
 * before it, in the list that they share, so that their intermediates do not live side by side.
 * @param body Plain tensor code, differentiable in its argument; of what else it reads no gradient is taken.
 * @param walked Of all functions that are to take turns; make a new one for each time they are run.
 */
export const recomputed = <In extends Tensor, Out extends Tensor>(
  body: (x: In) => Out,
  walked: Tensor[] = [],
): ((x: In) => Out) =>
  tf.customGrad((x, save) => {
    (save as (tensors: Tensor[]) => void)([x as Tensor]);
    return {
      value: body(x as In),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        // A gradient within the walk back of another would leave that one without its record.
        const { state } = tf.engine() as unknown as TapeHolder;
        const record = state.activeTape;
        try {
          const ready = walked.reduce((input, before) => after(input, before), after(saved[0]!, dy));
          const gradient = tf.grad((input) => body(input as In))(ready, dy);
          // A part of the gradient stands for it: the whole is freed as soon as it has been added up.
          walked.splice(
            0,
            walked.length,
            tf.slice(
              gradient,
              gradient.shape.map(() => 0),
              gradient.shape.map(() => 1),
            ),
          );
          return gradient;
        } finally {
          state.activeTape = record;
        }
      },
    };
  }) as unknown as (x: In) => Out;
