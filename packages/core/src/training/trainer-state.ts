import type { SavedNumbers } from '../contracts/estimator.js';
import type { TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { type Tensor, tf } from '../runtime/tf.js';
import type { AdamwState } from './adamw.js';

/** Everything that a trainer needs to go on to the bit; random numbers follow from the seed and the iteration. */
export interface TrainerState {
  /** Iterations so far. */
  readonly iteration: number;
  /**
   * Adapters, the optimiser's moments under `first.…` and `second.…`, the estimator's own numbers under
   * `algorithm.…`, and how many updates and judged pictures there were under `count.…`.
   */
  readonly tensors: SavedNumbers;
}

/** What is counted over a run. */
export interface TrainerCounts {
  /** Iterations so far. */
  readonly iteration: number;
  /** Pictures that the rewards have judged. */
  readonly queries: number;
}

/** Copies tensors out of the runtime. */
export const saveTensors = (record: TensorRecord): SavedNumbers =>
  Object.fromEntries(
    Object.entries(record).map(([name, tensor]) => [
      name,
      { shape: [...tensor.shape], data: tensor.dataSync() as Float32Array },
    ]),
  );

/** Makes tensors of saved numbers, owned by the caller. */
export const loadTensors = (saved: SavedNumbers): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(saved).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );

const own = 'algorithm.';

const number = (value: number) => ({ shape: [1], data: Float32Array.of(value) });

/** Copies everything out of the runtime. */
export const writeState = (
  { iteration, queries }: TrainerCounts,
  parameters: TensorRecord,
  optimiser: AdamwState,
  algorithm: SavedNumbers,
): TrainerState => ({
  iteration,
  tensors: {
    ...saveTensors(parameters),
    ...saveTensors(optimiser.moments),
    ...Object.fromEntries(Object.entries(algorithm).map(([name, saved]) => [own + name, saved])),
    'count.updates': number(optimiser.step),
    'count.queries': number(queries),
  },
});

/**
 * Makes tensors of a saved state, owned by the caller.
 * @param like The parameters that the state must hold.
 * @throws DraftError `DRAFT_STATE_MISMATCH` where it is of another LoRA.
 */
export const readState = ({ iteration, tensors }: TrainerState, like: TensorRecord) => {
  const names = Object.keys(like);
  for (const name of names) {
    const saved = tensors[name];
    if (saved && `${saved.shape}` === `${like[name]?.shape}`) continue;
    throw new DraftError(
      'DRAFT_STATE_MISMATCH',
      `The checkpoint does not fit this LoRA (${name}): resume with the rank and the targets that the run began with.`,
    );
  }
  const only = (wanted: (name: string) => boolean): SavedNumbers =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => wanted(name)));
  const count = (name: string, otherwise: number) => tensors[`count.${name}`]?.data[0] ?? otherwise;
  const algorithm = Object.entries(only((name) => name.startsWith(own)));
  return {
    parameters: loadTensors(only((name) => names.includes(name))),
    optimiser: {
      step: count('updates', iteration),
      moments: loadTensors(only((name) => /^(first|second)\./.test(name))),
    },
    algorithm: Object.fromEntries(algorithm.map(([name, saved]) => [name.slice(own.length), saved])),
    /** Unknown in what earlier versions saved. */
    queries: tensors['count.queries'] ? count('queries', 0) : undefined,
  };
};
