/** A tensor as a state dict describes it; its numbers are the storage of its place in the list. */
export interface PickledTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly storage: 'FloatStorage' | 'HalfStorage';
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('X'), length, bytes]); // BINUNICODE
};

const integer = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes.write('J'); // BININT
  bytes.writeInt32LE(value, 1);
  return bytes;
};

const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);

const tuple = (...items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);

const emptyOrderedDict = Buffer.concat([global('collections', 'OrderedDict'), Buffer.from(')R')]);

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** How far apart neighbours along each side lie, row by row. */
const strides = (shape: readonly number[]): readonly number[] =>
  shape.map((_, i) => elements(shape.slice(i + 1)));

function tensor({ shape, storage }: PickledTensor, key: string, legacy: boolean): Buffer {
  const reference = [
    text('storage'),
    global('torch', storage),
    text(key),
    text('cpu'),
    integer(elements(shape)),
  ];
  // The older format says here of which storage this one is a part.
  const persistent = tuple(...reference, ...(legacy ? [Buffer.from('N')] : []));
  return Buffer.concat([
    global('torch._utils', '_rebuild_tensor_v2'),
    tuple(
      Buffer.concat([persistent, Buffer.from('Q')]), // BINPERSID
      integer(0),
      tuple(...shape.map(integer)),
      tuple(...strides(shape).map(integer)),
      Buffer.from('\x89', 'latin1'), // no gradient is required
      emptyOrderedDict,
    ),
    Buffer.from('R'),
  ]);
}

const pickled = (value: Buffer): Buffer =>
  Buffer.concat([Buffer.from('\x80\x02', 'latin1'), value, Buffer.from('.')]);

/**
 * The pickle of a state dict as PyTorch writes it, protocol 2.
 * @param wrapper The name under which a training program keeps it, if any.
 */
export function pickleStateDict(
  tensors: readonly PickledTensor[],
  { legacy, wrapper }: { readonly legacy: boolean; readonly wrapper?: string | undefined },
): Buffer {
  const items = tensors.flatMap((item, i) => [text(item.name), tensor(item, String(i), legacy)]);
  const dict = Buffer.concat([emptyOrderedDict, Buffer.from('('), ...items, Buffer.from('u')]);
  return pickled(
    wrapper === undefined ? dict : Buffer.concat([Buffer.from('}'), text(wrapper), dict, Buffer.from('s')]),
  );
}

/** What the older format has before the state dict: its magic number, its version, and facts of the machine. */
export const legacyPreamble = (): Buffer => {
  const magic = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex'); // LONG1 of ten bytes
  const facts = [
    [text('protocol_version'), Buffer.from('M\xe9\x03', 'latin1')],
    [text('little_endian'), Buffer.from('\x88', 'latin1')],
  ].flat();
  return Buffer.concat([
    pickled(magic),
    pickled(Buffer.from('M\xe9\x03', 'latin1')),
    pickled(Buffer.concat([Buffer.from('}('), ...facts, Buffer.from('u')])),
  ]);
};

/** The list of storages with which the older format goes on. */
export const pickleKeys = (count: number): Buffer => {
  const keys = Array.from({ length: count }, (_, i) => text(String(i)));
  return pickled(Buffer.concat([Buffer.from(']('), ...keys, Buffer.from('e')]));
};
