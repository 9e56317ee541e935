import { type ReferenceStorage, readReferencePickle, referenceTensors } from './reference-pickle.js';

/** A tensor with its numbers row by row, as a file has them. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

const types: Readonly<Record<string, readonly [dtype: string, size: number]>> = {
  Double: ['F64', 8],
  Float: ['F32', 4],
  Half: ['F16', 2],
  BFloat16: ['BF16', 2],
  Long: ['I64', 8],
  Int: ['I32', 4],
  Short: ['I16', 2],
  Char: ['I8', 1],
  Byte: ['U8', 1],
  Bool: ['BOOL', 1],
  Untyped: ['untyped', 1],
  'torch.float8_e5m2': ['F8_E5M2', 1],
  'torch.float8_e4m3fn': ['F8_E4M3', 1],
};

const typed = (name: string) => {
  const found = types[name];
  if (!found) throw new Error(`No type ${name}.`);
  return found;
};

function gather(root: unknown, storageOf: (storage: ReferenceStorage) => Buffer): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { storage, type, offset, shape, strides }] of referenceTensors(root)) {
    const [dtype, size] = typed(type);
    const from = storageOf(storage);
    const parts: Buffer[] = [];
    const walk = (axis: number, at: number) => {
      if (axis === shape.length) parts.push(from.subarray(at * size, (at + 1) * size));
      else for (let i = 0; i < shape[axis]!; i += 1) walk(axis + 1, at + i * strides[axis]!);
    };
    walk(0, offset);
    tensors.set(name, { dtype, shape: [...shape], bytes: Buffer.concat(parts) });
  }
  return tensors;
}

/** What a pickle says of storages by key. */
export const readReferenceZip = (
  pickle: Buffer,
  storages: ReadonlyMap<string, Buffer>,
): ReadonlyMap<string, StoredTensor> =>
  gather(readReferencePickle(pickle).value, ({ key }) => storages.get(key)!);

/** What a file in the format before 1.6 says. */
export function readReferenceLegacy(bytes: Buffer): ReadonlyMap<string, StoredTensor> {
  let at = 0;
  const next = () => {
    const read = readReferencePickle(bytes, at);
    at = read.end;
    return read;
  };
  for (let i = 0; i < 3; i += 1) next();
  const { value: root, storages: described } = next();
  const storages = new Map<string, Buffer>();
  for (const key of next().value as string[]) {
    const length = Number(bytes.readBigInt64LE(at)) * typed(described.get(key)!.type)[1];
    storages.set(key, bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return gather(root, ({ key }) => storages.get(key)!);
}
