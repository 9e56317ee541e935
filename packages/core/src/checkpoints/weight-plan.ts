import type { StoredType } from '../contracts/runtime.js';
import type { WeightLayout, Weights } from '../contracts/weights.js';
import { DraftError } from '../errors/draft-error.js';
import { type Tensor, tf } from '../runtime/tf.js';
import { allNamesHint, isCut, someNames } from './some-names.js';
import { sameShape, storedShapes } from './stored-shape.js';
import type { TensorSource } from './tensor-source.js';

/** A weight that a network asks for. */
export interface PlannedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layout: WeightLayout;
}

/** How a checkpoint is compared with its network. */
export interface PlanOptions {
  /** What says how the network is built, for messages. @default the component's config.json */
  readonly expectation?: string;
  /** Which tensors may be there although the network does not take them. */
  readonly spare?: (name: string) => boolean;
}

const storedTypes: readonly string[] = ['F32', 'F16', 'BF16'] satisfies readonly StoredType[];

/** Whether a checkpoint's type is one that weights can be made from. */
export const isStoredType = (dtype: string): dtype is StoredType => storedTypes.includes(dtype);

/** Tensors that published files hold and no network needs. */
const ignored = /(^|\.)(position_ids|num_batches_tracked|logit_scale)$/;

/**
 * Finds out which weights a network takes, by building it once on stand-ins, and compares them with what the
 * checkpoint holds, before any number is read.
 * @param component How messages call it, for example `unet`.
 * @throws DraftError `DRAFT_MODEL_MISMATCH`: one sentence about all that is missing, unknown, of another shape or of a
 * type that cannot be used. Its `details` list all of them, as `missing`, `misshapen`, `mistyped` and `unknown`.
 */
export function planWeights(
  source: TensorSource,
  component: string,
  build: (weights: Weights) => unknown,
  { expectation = `${component}'s config.json`, spare = () => false }: PlanOptions = {},
): readonly PlannedWeight[] {
  const planned = new Map<string, PlannedWeight>();
  const { entries } = source;
  tf.tidy(() => {
    const standIn: Tensor = tf.scalar(0);
    build({
      has: (name) => entries.has(name),
      get(name, shape, layout) {
        planned.set(name, { name, shape, layout });
        return standIn;
      },
    });
  });

  const called = (name: string) => source.nameInFile?.(name) ?? name;
  const missing: string[] = [];
  const misshapen: string[] = [];
  const mistyped: string[] = [];
  for (const { name, shape, layout } of planned.values()) {
    const entry = entries.get(name);
    const shapes = storedShapes(shape, layout);
    if (!entry) missing.push(called(name));
    else if (!shapes.some((expected) => sameShape(entry.shape, expected))) {
      misshapen.push(`${called(name)} is [${entry.shape.join(', ')}], not [${shapes[0]!.join(', ')}]`);
    } else if (!isStoredType(entry.dtype)) mistyped.push(`${called(name)} is ${entry.dtype}`);
  }
  const unknown = [...entries.keys()]
    .filter((name) => !planned.has(name) && !ignored.test(name) && !spare(name))
    .map(called);
  const faults = [
    missing.length ? `${missing.length} weights are missing (${someNames(missing)})` : '',
    misshapen.length ? `${misshapen.length} have another shape (${someNames(misshapen)})` : '',
    mistyped.length ? `${mistyped.length} are not F32, F16 or BF16 (${someNames(mistyped)})` : '',
    unknown.length ? `${unknown.length} are unknown (${someNames(unknown)})` : '',
  ].filter(Boolean);
  if (faults.length) {
    const lists = Object.entries({ missing, misshapen, mistyped, unknown }).filter(([, list]) => list.length);
    const isShort = lists.some(([, list]) => isCut(list));
    throw new DraftError(
      'DRAFT_MODEL_MISMATCH',
      `${source.path} does not fit the ${expectation}: ${faults.join('; ')}${
        isShort ? `; ${allNamesHint}` : ''
      }.`,
      { details: Object.fromEntries(lists) },
    );
  }
  return [...planned.values()];
}
