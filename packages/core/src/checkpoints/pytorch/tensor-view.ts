import { safetensorsItemSize } from '../../files/safetensors-header.js';
import { isKind, type PickleStorage, type PickleValue, type StorageType } from './pickle-value.js';

/** A tensor as a file describes it: a window with strides into a storage. */
export interface TensorView {
  readonly kind: 'tensor';
  readonly storage: PickleStorage;
  readonly dtype: Exclude<StorageType, 'untyped'>;
  readonly shape: readonly number[];
  /** In numbers, not bytes. */
  readonly strides: readonly number[];
  /** In numbers, not bytes. */
  readonly offset: number;
}

/** PyTorch has no tensors of more axes. */
const mostAxes = 64;

const isCount = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const counts = (value: PickleValue | undefined): readonly number[] | undefined => {
  if (!isKind(value, 'tuple') || value.items.length > mostAxes) return undefined;
  return value.items.every(isCount) ? (value.items as readonly number[]) : undefined;
};

/** Numbers that a shape holds. */
export const countOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** How many numbers of the storage, from the offset on, the view touches. */
export const spanOf = ({ shape, strides }: Pick<TensorView, 'shape' | 'strides'>): number =>
  countOf(shape) === 0 ? 0 : 1 + shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0);

/** Bytes of one number of a storage, of the type that a tensor gives it. */
export const itemSize = (dtype: TensorView['dtype']): number => safetensorsItemSize[dtype];

/**
 * Makes a view from the arguments that PyTorch's rebuilding functions get, and checks that it stays within its
 * storage and is no larger than it.
 * @returns The fault, in words, where it does not.
 */
export function tensorView(
  [storage, offset, size, stride]: readonly PickleValue[],
  retyped?: TensorView['dtype'],
): TensorView | string {
  if (!isKind(storage, 'storage')) return 'a tensor has no storage';
  const dtype = retyped ?? storage.type;
  if (dtype === 'untyped') return 'a tensor of an untyped storage has no type';
  if (retyped && storage.type !== 'untyped' && storage.type !== retyped) {
    return `a tensor calls ${storage.type} numbers ${retyped}`;
  }
  const [shape, strides] = [counts(size), counts(stride)];
  if (!shape || !strides || shape.length !== strides.length || !isCount(offset)) {
    return 'a tensor has sizes, strides or an offset that are not whole numbers of equal count';
  }
  const count = countOf(shape);
  const span = spanOf({ shape, strides });
  const available = storage.type === 'untyped' ? Math.floor(storage.count / itemSize(dtype)) : storage.count;
  if (!Number.isSafeInteger(count) || !Number.isSafeInteger(span)) {
    return `a tensor of [${shape.join(', ')}] has more numbers than can be counted`;
  }
  if (count > 0 && offset + span > available) {
    return `a tensor of [${shape.join(', ')}] reaches number ${offset + span} of a storage of ${available}`;
  }
  // Stride 0 would make a small file need any amount of memory.
  if (count > available) {
    return `a tensor of [${shape.join(', ')}] repeats the ${available} numbers of its storage`;
  }
  return { kind: 'tensor', storage, dtype, shape, strides, offset };
}

/** Whether the numbers of a view follow each other row by row. */
export function isContiguous({ shape, strides }: TensorView): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Copies the numbers of a view row by row out of the bytes that it spans. */
export function gatherView(view: TensorView, span: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { shape, strides } = view;
  const size = itemSize(view.dtype);
  const items = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[size] as
    | Uint8ArrayConstructor
    | Uint16ArrayConstructor
    | Uint32ArrayConstructor;
  const result = new Uint8Array(countOf(shape) * size);
  const from = new items(span.buffer);
  const to = new items(result.buffer);
  const index = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < to.length; target += 1) {
    to[target] = from[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      source += strides[axis]!;
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
