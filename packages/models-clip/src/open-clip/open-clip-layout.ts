import { DraftError, type TensorEntry, type TensorSource } from '@draft/core';
import { fromOpenClip, type OpenClipOrigin, toOpenClip } from './open-clip-names.js';

const mark = 'visual.conv1.weight';
/** What wrappers put in front of all names. */
const prefixes = ['', 'module.', 'model.'] as const;

function transpose(
  bytes: Uint8Array<ArrayBuffer>,
  [rows, columns]: readonly [number, number],
): Uint8Array<ArrayBuffer> {
  const size = bytes.length / (rows * columns);
  const result = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const from = (row * columns + column) * size;
      const to = (column * rows + row) * size;
      for (let i = 0; i < size; i += 1) result[to + i] = bytes[from + i]!;
    }
  }
  return result;
}

interface Translated extends OpenClipOrigin {
  readonly stored: string;
}

function entryOf(stored: TensorEntry, origin: OpenClipOrigin): TensorEntry | null {
  const { shape, byteLength } = stored;
  const [first = 0, ...rest] = shape;
  if (origin.third !== undefined) {
    return first % 3 === 0 ? { ...stored, shape: [first / 3, ...rest], byteLength: byteLength / 3 } : null;
  }
  if (!origin.transposed) return stored;
  return shape.length === 2 ? { ...stored, shape: [rest[0]!, first] } : null;
}

/** Whether a checkpoint is in open_clip's layout. */
export const isOpenClip = ({ entries }: TensorSource): boolean =>
  prefixes.some((prefix) => entries.has(prefix + mark));

/**
 * Shows a checkpoint in open_clip's layout under transformers' names: fused projections of queries, keys and values
 * are cut in three, the two projections are transposed. Messages keep the file's own names.
 */
export function openClipLayout(source: TensorSource): TensorSource {
  const { path } = source;
  const prefix = prefixes.find((start) => source.entries.has(start + mark)) ?? '';
  const entries = new Map<string, TensorEntry>();
  const origins = new Map<string, Translated>();
  for (const [stored, entry] of source.entries) {
    for (const origin of fromOpenClip(stored.startsWith(prefix) ? stored.slice(prefix.length) : stored)) {
      const shown = entryOf(entry, origin);
      // A tensor that cannot be translated keeps its name, so that it is reported as unknown.
      entries.set(shown ? origin.name : stored, shown ?? entry);
      if (shown) origins.set(origin.name, { ...origin, stored });
    }
  }
  return {
    path,
    entries,
    nameInFile: (name) => origins.get(name)?.stored ?? prefix + toOpenClip(name),
    read(name) {
      const origin = origins.get(name);
      if (!origin) throw new DraftError('DRAFT_TENSOR_MISSING', `${path} holds no tensor called ${name}.`);
      const bytes = source.read(origin.stored);
      if (origin.third !== undefined) {
        const third = bytes.length / 3;
        return bytes.slice(origin.third * third, (origin.third + 1) * third);
      }
      const shape = source.entries.get(origin.stored)!.shape as readonly [number, number];
      return origin.transposed ? transpose(bytes, shape) : bytes;
    },
    close: source.close,
  };
}
