import { DraftError } from '../errors/draft-error.js';
import { type Tensor, tf } from './tf.js';

let branches = 1;

const partSizes = (rows: number, count: number): number[] =>
  Array.from(
    { length: count },
    (_, i) => Math.floor(((i + 1) * rows) / count) - Math.floor((i * rows) / count),
  );

/**
 * Computes a batch in parts where the runtime asks for it, each a branch of the recorded graph: processors that take a
 * branch each wait less for one another than processors that share every op. Elsewhere it calls `body` once.
 * @param batch Tensors with one row a sample, cut along their first axis.
 * @throws DraftError `DRAFT_SHAPE` where they have not as many rows each.
 * @param body Must treat rows independently of each other; gets the parts, and returns as many rows.
 */
export function inBranches<T extends Tensor>(batch: readonly T[], body: (...part: T[]) => Tensor): Tensor {
  const rows = batch[0]?.shape[0] ?? 0;
  const other = batch.find((tensor) => tensor.shape[0] !== rows);
  if (other) {
    throw new DraftError(
      'DRAFT_SHAPE',
      `inBranches got tensors of ${rows} and ${other.shape[0]} rows: give one row a sample in each.`,
    );
  }
  const count = Math.min(branches, rows);
  if (count < 2) return body(...batch);
  const sizes = partSizes(rows, count);
  const parts = batch.map((tensor) => tf.split(tensor, sizes, 0) as T[]);
  return tf.concat(
    sizes.map((_, i) => body(...parts.map((part) => part[i] as T))),
    0,
  );
}

/**
 * Sets how many branches `inBranches` makes at most; 1 at the start.
 * @returns How many it was before, to set again afterwards.
 */
export function setBranches(count: number): number {
  const previous = branches;
  branches = count;
  return previous;
}
