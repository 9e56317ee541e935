import { DraftError } from '../errors/draft-error.js';

/** Bytes per number for every type that a safetensors file may name. */
export const safetensorsItemSize = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

/** A number type in the terms of safetensors. */
export type SafetensorsType = keyof typeof safetensorsItemSize;

/** Where one tensor stands in a safetensors file. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** From the start of the file; not aligned to anything. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** What a safetensors file says about itself before its numbers begin. */
export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header, in bytes, that the format allows. */
export const maximalHeaderLength = 100_000_000;

/** A sentence about a file that is no valid safetensors file. */
export function safetensorsError(path: string, what: string, cause?: unknown): DraftError {
  return new DraftError('DRAFT_SAFETENSORS_INVALID', `${path} is not a valid safetensors file: ${what}.`, {
    cause,
  });
}

/** A name from the file, short and printable enough for a message. */
const quote = (name: string) => JSON.stringify(name.length > 120 ? `${name.slice(0, 119)}…` : name);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const [quotationMark, backslash, colon, space] = [0x22, 0x5c, 0x3a, 0x20];

/**
 * Looks for what `JSON.parse` would let pass: a key that stands twice in one object, and nesting beyond the
 * three levels of the format, which would take memory out of proportion.
 */
function refuseHiddenFaults(text: string, path: string): void {
  const keys: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === openBrace || code === openBracket) {
      if (keys.length === 3) throw safetensorsError(path, 'its header is nested too deeply');
      keys.push(code === openBrace ? new Set() : null);
    } else if (code === closeBrace || code === closeBracket) {
      keys.pop();
    } else if (code === quotationMark) {
      const start = at + 1;
      for (at = start; at < text.length && text.charCodeAt(at) !== quotationMark; at++) {
        if (text.charCodeAt(at) === backslash) at++;
      }
      const scope = keys.at(-1);
      let next = at + 1;
      while (text.charCodeAt(next) <= space) next++;
      if (!scope || text.charCodeAt(next) !== colon) continue;
      const raw = text.slice(start, at);
      const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
      if (scope.has(key)) throw safetensorsError(path, `its header names ${quote(key)} twice`);
      scope.add(key);
    }
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    refuseHiddenFaults(text, path);
    return JSON.parse(text);
  } catch (cause) {
    if (DraftError.is(cause)) throw cause;
    throw safetensorsError(path, 'its header is not valid JSON', cause);
  }
}

function parseMetadata(value: unknown, path: string): Record<string, string> {
  if (value === undefined) return {};
  const texts = isRecord(value) ? Object.entries(value) : null;
  if (!texts?.every(([, text]) => typeof text === 'string')) {
    throw safetensorsError(path, 'its __metadata__ is not a set of texts');
  }
  return Object.fromEntries(texts) as Record<string, string>;
}

function parseEntry(name: string, value: unknown, dataStart: number, fileSize: number, path: string) {
  const fault = (what: string) => safetensorsError(path, `tensor ${quote(name)} ${what}`);
  if (!isRecord(value)) throw fault('has no description');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(safetensorsItemSize, dtype)) {
    throw fault(`has the unknown type ${typeof dtype === 'string' ? quote(dtype) : typeof dtype}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw fault('has a shape that is not a list of non-negative integers');
  }
  const [begin, end, ...rest]: unknown[] = Array.isArray(offsets) ? offsets : [];
  if (!isCount(begin) || !isCount(end) || rest.length > 0 || end < begin) {
    throw fault('has offsets that are not two rising non-negative integers');
  }
  const dataSize = fileSize - dataStart;
  if (end > dataSize) {
    throw fault(`ends at byte ${end} of the data, which has only ${dataSize}; the file may be cut short`);
  }
  const size = (shape as number[]).reduce((a, b) => a * b, safetensorsItemSize[dtype as SafetensorsType]);
  if (size !== end - begin) {
    throw fault(`takes ${end - begin} bytes, but ${dtype} [${shape.join(', ').slice(0, 80)}] needs ${size}`);
  }
  const entry: SafetensorsEntry = {
    dtype: dtype as SafetensorsType,
    shape: shape as number[],
    byteOffset: dataStart + begin,
    byteLength: size,
  };
  return [name, entry] as const;
}

/**
 * Reads the JSON header of a safetensors file, strictly: every byte of the data belongs to exactly one tensor.
 * @param bytes The header alone.
 * @param dataStart Where the data begins in the file.
 * @throws DraftError `DRAFT_SAFETENSORS_INVALID` with one sentence that names the file and the fault.
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  dataStart: number,
  fileSize: number,
  path: string,
): SafetensorsHeader {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw safetensorsError(path, 'its header is not valid UTF-8', cause);
  }
  const header = parseJson(text, path);
  if (!isRecord(header)) throw safetensorsError(path, 'its header is not a JSON object');
  const { __metadata__: rawMetadata, ...tensors } = header;
  const metadata = parseMetadata(rawMetadata, path);
  const entries = Object.entries(tensors)
    .map(([name, value]) => parseEntry(name, value, dataStart, fileSize, path))
    .sort(([, a], [, b]) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  let covered = dataStart;
  for (const [name, { byteOffset, byteLength }] of entries) {
    if (byteOffset < covered)
      throw safetensorsError(path, `tensor ${quote(name)} overlaps the one before it`);
    if (byteOffset > covered) throw safetensorsError(path, `there is a gap before tensor ${quote(name)}`);
    covered += byteLength;
  }
  if (covered !== fileSize) {
    throw safetensorsError(path, `${fileSize - covered} bytes at its end belong to no tensor`);
  }
  return { entries: new Map(entries), metadata };
}
