import type { SavedNumbers } from '../contracts/estimator.js';
import type { Runtime, TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { loadTensors, saveTensors } from './trainer-state.js';

/** The exponential moving average of what is trained. */
export interface MovingAverage {
  /** Takes the parameters after iteration `n`, from 1; they stay the caller's. */
  update(parameters: TensorRecord, n: number): Promise<void>;
  /** The averages by the names of the parameters; they stay the average's and are valid until the next update. */
  values(): Readonly<Record<string, Tensor>>;
  state(): SavedNumbers;
  /** Goes on from a saved state. */
  restore(state: SavedNumbers): void;
  dispose(): void;
}

const prefix = 'ema.';

/** How much of the average stays at iteration `n`: `min(decay, (1 + n) / (10 + n))`, so that a short run forgets its start. */
const keptAt = (decay: number, n: number): number => Math.min(decay, (1 + n) / (10 + n));

/**
 * Averages parameters over iterations, `θ̄ ← d θ̄ + (1 − d) θ`, from what they are at the start.
 * @param decay `d` once the average has run in, `(0, 1)`.
 * @throws DraftError `DRAFT_EMA_INVALID`.
 */
export const createMovingAverage = (
  runtime: Pick<Runtime, 'compile'>,
  decay: number,
  parameters: TensorRecord,
): MovingAverage => {
  if (!(decay > 0 && decay < 1)) {
    throw new DraftError(
      'DRAFT_EMA_INVALID',
      `The decay of a moving average must lie between 0 and 1, not ${decay}; 0.99 is usual.`,
    );
  }
  let averages: Record<string, Tensor> = Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => [name, tf.mul(tensor, 1)]),
  );
  // Made once: strings that name a property outlive all but the rare large collections of garbage.
  const names = Object.keys(parameters).map((name) => ({
    name,
    average: `average.${name}`,
    current: `current.${name}`,
  }));
  const replace = (next: Record<string, Tensor>): void => {
    tf.dispose(averages);
    averages = next;
  };
  // One call for all of them: hundreds of small ops one by one take several times as long.
  const mix = runtime.compile('moving-average', (inputs: TensorRecord) =>
    Object.fromEntries(
      names.map(({ name, average, current }) => {
        const kept = tf.mul(inputs[average] as Tensor, inputs.kept as Tensor);
        return [name, tf.add(kept, tf.mul(inputs[current] as Tensor, inputs.fresh as Tensor))];
      }),
    ),
  );
  return {
    async update(parametersNow, n) {
      const kept = keptAt(decay, n);
      const shares = { kept: tf.scalar(kept), fresh: tf.scalar(1 - kept) };
      const inputs: Record<string, Tensor> = { ...shares };
      for (const { name, average, current } of names) {
        inputs[average] = averages[name] as Tensor;
        inputs[current] = parametersNow[name] as Tensor;
      }
      const mixed = await inPhase('moving average', undefined, () => mix(inputs));
      tf.dispose(shares);
      replace(mixed as Record<string, Tensor>);
    },
    values: () => averages,
    state: () =>
      Object.fromEntries(
        Object.entries(saveTensors(averages)).map(([name, saved]) => [prefix + name, saved]),
      ),
    restore(state) {
      const own = Object.entries(state).filter(([name]) => name.startsWith(prefix));
      if (own.length === 0) return;
      replace(
        loadTensors(Object.fromEntries(own.map(([name, saved]) => [name.slice(prefix.length), saved]))),
      );
    },
    dispose() {
      mix.dispose();
      tf.dispose(averages);
      averages = {};
    },
  };
};
