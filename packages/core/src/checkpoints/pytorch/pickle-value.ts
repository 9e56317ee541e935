import type { TensorView } from './tensor-view.js';

/** How the numbers of a storage are typed; `untyped` is bytes whose type the tensor says. */
export type StorageType =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'I64'
  | 'I32'
  | 'I16'
  | 'I8'
  | 'U8'
  | 'BOOL'
  | 'untyped';

/** A list of the pickle; the only thing that may be appended to. */
export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

/** A dictionary of the pickle, also an ordered one; the only thing whose items may be set. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly items: Map<PickleValue, PickleValue>;
}

/** A tuple of the pickle. */
export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** A name that the pickle refers to and that is on the list of what weights need. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly name: string;
  readonly role:
    | { readonly kind: 'ordered-dict' }
    | { readonly kind: 'rebuild-tensor'; readonly version: 1 | 2 | 3 }
    | { readonly kind: 'rebuild-parameter' }
    | { readonly kind: 'storage'; readonly type: StorageType }
    | { readonly kind: 'dtype'; readonly type: Exclude<StorageType, 'untyped'> | null }
    | { readonly kind: 'size' }
    /** Something that stands beside weights in published files: it is kept as a name and never made. */
    | { readonly kind: 'inert' };
}

/** A storage: numbers of the file, known by key. */
export interface PickleStorage {
  readonly kind: 'storage';
  readonly key: string;
  readonly type: StorageType;
  /** How many numbers it has, by its own words. */
  readonly count: number;
}

/** Something inert that was called: it is not made, only remembered. */
export interface PickleInert {
  readonly kind: 'inert';
  readonly name: string;
}

/** What an item of a pickle may be. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleList
  | PickleDict
  | PickleTuple
  | PickleGlobal
  | PickleStorage
  | PickleInert
  | TensorView;

/** Whether a value is of one of the kinds that have a name. */
export const isKind = <Kind extends Extract<PickleValue, { readonly kind: string }>['kind']>(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleValue, { readonly kind: Kind }> =>
  typeof value === 'object' && value !== null && value.kind === kind;
