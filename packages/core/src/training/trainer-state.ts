import type { TensorRecord } from '../contracts/runtime.js';
import { DraftError } from '../errors/draft-error.js';
import { type Tensor, tf } from '../runtime/tf.js';
import type { AdamwState } from './adamw.js';

/** Everything that a trainer needs to go on to the bit; random numbers follow from the seed and the iteration. */
export interface TrainerState {
  /** Updates so far. */
  readonly iteration: number;
  /** Adapters, and the optimiser's moments under `first.…` and `second.…`. */
  readonly tensors: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >;
}

const stored = (record: TensorRecord) =>
  Object.entries(record).map(([name, tensor]): [string, { shape: number[]; data: Float32Array }] => [
    name,
    { shape: [...tensor.shape], data: tensor.dataSync() as Float32Array },
  ]);

/** Copies parameters and moments out of the runtime. */
export const writeState = (
  iteration: number,
  parameters: TensorRecord,
  optimiser: AdamwState,
): TrainerState => ({
  iteration,
  tensors: Object.fromEntries([...stored(parameters), ...stored(optimiser.moments)]),
});

/**
 * Makes tensors of a saved state, owned by the caller.
 * @param like The parameters that the state must hold.
 * @throws DraftError `DRAFT_STATE_MISMATCH` where it is of another LoRA.
 */
export const readState = (
  { iteration, tensors }: TrainerState,
  like: TensorRecord,
): { readonly parameters: Record<string, Tensor>; readonly optimiser: AdamwState } => {
  const names = Object.keys(like);
  for (const name of names) {
    const saved = tensors[name];
    if (saved && `${saved.shape}` === `${like[name]?.shape}`) continue;
    throw new DraftError(
      'DRAFT_STATE_MISMATCH',
      `The checkpoint does not fit this LoRA (${name}): resume with the rank and the targets that the run began with.`,
    );
  }
  const make = (name: string): [string, Tensor] => {
    const { data, shape } = tensors[name] as { data: Float32Array; shape: readonly number[] };
    return [name, tf.tensor(data, [...shape])];
  };
  const moments = Object.keys(tensors).filter((name) => /^(first|second)\./.test(name));
  return {
    parameters: Object.fromEntries(names.map(make)),
    optimiser: { step: iteration, moments: Object.fromEntries(moments.map(make)) },
  };
};
