/** A window into a storage, as the pickle describes it. */
export interface ReferenceTensor {
  readonly storage: ReferenceStorage;
  /** `Float`, `Half`, … of the storage, or the type that the tensor is given, `torch.float8_e5m2`. */
  readonly type: string;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export interface ReferenceStorage {
  readonly key: string;
  readonly type: string;
  readonly count: number;
}

class Global {
  constructor(readonly name: string) {}
}
class Storage implements ReferenceStorage {
  constructor(
    readonly key: string,
    readonly type: string,
    readonly count: number,
  ) {}
}
class Tensor implements ReferenceTensor {
  constructor(
    readonly storage: Storage,
    readonly type: string,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** What a call gives: PyTorch's own functions as they are defined, anything else nothing. */
function call(callee: unknown, args: readonly unknown[]): unknown {
  const name = callee instanceof Global ? callee.name : '';
  if (name === 'collections.OrderedDict') return new Map((args[0] ?? []) as [unknown, unknown][]);
  if (name === 'torch._utils._rebuild_parameter' || name === 'torch.nn.parameter.Parameter') return args[0];
  if (name === 'torch.Size') return args[0];
  if (!name.startsWith('torch._utils._rebuild_tensor')) return null;
  const [storage, offset, shape, strides] = args as [Storage, number, number[], number[]];
  const type = name.endsWith('_v3') ? (args[6] as Global).name : storage.type;
  return new Tensor(storage, type, offset, shape, strides);
}

/**
 * Reads a pickle by the book, trusting it: a second reader that has nothing in common with ours and checks nothing, for
 * telling what a file says that ours takes.
 * @returns The value, where the pickle ends, and the storages that it refers to, by key.
 */
export function readReferencePickle(
  bytes: Buffer,
  start = 0,
): {
  readonly value: unknown;
  readonly end: number;
  readonly storages: ReadonlyMap<string, ReferenceStorage>;
} {
  let at = start;
  const mark = Symbol('mark');
  const stack: unknown[] = [];
  const memo: unknown[] = [];
  const storages = new Map<string, Storage>();
  const take = (count: number): Buffer => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  const line = (): string =>
    take(bytes.indexOf(0x0a, at) + 1 - at)
      .toString('latin1')
      .slice(0, -1);
  const items = (): unknown[] => {
    const found = stack.splice(stack.lastIndexOf(mark));
    return found.slice(1);
  };
  const set = (pairs: unknown[]) => {
    const map = stack.at(-1) as Map<unknown, unknown>;
    for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
  };
  const operations: Record<string, () => void> = {
    '\x80': () => take(1),
    c: () => stack.push(new Global(`${line()}.${line()}`)),
    '}': () => stack.push(new Map()),
    ']': () => stack.push([]),
    ')': () => stack.push([]),
    '(': () => stack.push(mark),
    t: () => stack.push(items()),
    '\x85': () => stack.push(stack.splice(-1)),
    '\x86': () => stack.push(stack.splice(-2)),
    '\x87': () => stack.push(stack.splice(-3)),
    R: () => {
      const [callee, args] = stack.splice(-2);
      stack.push(call(callee, args as unknown[]));
    },
    '\x81': () => operations.R!(),
    b: () => stack.pop(),
    s: () => set(stack.splice(-2)),
    u: () => set(items()),
    a: () => {
      const value = stack.pop();
      (stack.at(-1) as unknown[]).push(value);
    },
    e: () => {
      const values = items();
      (stack.at(-1) as unknown[]).push(...values);
    },
    X: () => stack.push(take(take(4).readUInt32LE()).toString('utf8')),
    U: () => stack.push(take(take(1)[0]!).toString('utf8')),
    J: () => stack.push(take(4).readInt32LE()),
    K: () => stack.push(take(1)[0]),
    M: () => stack.push(take(2).readUInt16LE()),
    '\x8a': () => {
      const hex = Buffer.from(take(take(1)[0]!))
        .reverse()
        .toString('hex');
      stack.push(Number(BigInt.asIntN(4 * hex.length, BigInt(`0x0${hex}`))));
    },
    G: () => stack.push(take(8).readDoubleBE()),
    N: () => stack.push(null),
    '\x88': () => stack.push(true),
    '\x89': () => stack.push(false),
    q: () => {
      memo[take(1)[0]!] = stack.at(-1);
    },
    r: () => {
      memo[take(4).readUInt32LE()] = stack.at(-1);
    },
    h: () => stack.push(memo[take(1)[0]!]),
    j: () => stack.push(memo[take(4).readUInt32LE()]),
    Q: () => {
      const [, type, key, , count] = stack.pop() as [string, Global, string, string, number];
      const storage = new Storage(key, type.name.replace(/^.*\.(\w+)Storage$/, '$1'), count);
      storages.set(key, storage);
      stack.push(storage);
    },
  };
  for (;;) {
    const code = take(1).toString('latin1');
    if (code === '.') return { value: stack.pop(), end: at, storages };
    const operation = operations[code];
    if (!operation) throw new Error(`No operation ${JSON.stringify(code)} at ${at - 1}.`);
    operation();
  }
}

/** The named tensors of what a file holds. */
export function referenceTensors(root: unknown): ReadonlyMap<string, ReferenceTensor> {
  const named = (value: unknown) =>
    new Map(
      [...(value instanceof Map ? value : [])].filter(
        (pair): pair is [string, Tensor] => typeof pair[0] === 'string' && pair[1] instanceof Tensor,
      ),
    );
  const outer = root as Map<unknown, unknown>;
  const wrapped = ['state_dict', 'model_state_dict', 'model'].map((name) => named(outer.get(name)));
  return wrapped.find(({ size }) => size > 0) ?? named(outer);
}
