import type { PickleGlobal, StorageType } from './pickle-value.js';

const storages: Readonly<Record<string, StorageType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
  UntypedStorage: 'untyped',
};

const dtypes: Readonly<Record<string, Exclude<StorageType, 'untyped'> | null>> = {
  float64: 'F64',
  double: 'F64',
  float32: 'F32',
  float: 'F32',
  float16: 'F16',
  half: 'F16',
  bfloat16: 'BF16',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  int64: 'I64',
  long: 'I64',
  int32: 'I32',
  int: 'I32',
  int16: 'I16',
  short: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  // Complex numbers may be named in a file's settings, but no tensor of them can be read.
  complex64: null,
  complex128: null,
};

/** What published training checkpoints hold beside their weights. */
const inert: readonly string[] = [
  '__builtin__.set',
  'builtins.set',
  '_codecs.encode',
  'numpy.dtype',
  'numpy.ndarray',
  'numpy.core.multiarray.scalar',
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray.scalar',
  'numpy._core.multiarray._reconstruct',
  'pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint',
  'pytorch_lightning.callbacks.ModelCheckpoint',
  'torch.device',
];

const roles = new Map<string, PickleGlobal['role']>([
  ['collections.OrderedDict', { kind: 'ordered-dict' }],
  ['torch._utils._rebuild_tensor', { kind: 'rebuild-tensor', version: 1 }],
  ['torch._utils._rebuild_tensor_v2', { kind: 'rebuild-tensor', version: 2 }],
  ['torch._utils._rebuild_tensor_v3', { kind: 'rebuild-tensor', version: 3 }],
  ['torch._utils._rebuild_parameter', { kind: 'rebuild-parameter' }],
  ['torch.nn.parameter.Parameter', { kind: 'rebuild-parameter' }],
  ['torch.Size', { kind: 'size' }],
  ...inert.map((name) => [name, { kind: 'inert' }] as const),
  ...Object.entries(storages).flatMap(([name, type]) =>
    ['torch', 'torch.storage'].map((module) => [`${module}.${name}`, { kind: 'storage', type }] as const),
  ),
  ...Object.entries(dtypes).map(([name, type]) => [`torch.${name}`, { kind: 'dtype', type }] as const),
]);

/**
 * The one list of names that a pickle may refer to; none of them is ever run, each only has a meaning for the reader.
 * @returns Undefined for every other name.
 */
export const allowedGlobal = (name: string): PickleGlobal | undefined => {
  const role = roles.get(name);
  return role && { kind: 'global', name, role };
};
