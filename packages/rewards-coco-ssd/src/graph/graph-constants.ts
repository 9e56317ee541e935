import { DraftError } from '@draft/core';
import type { GraphModel, StoredConstant } from './graph-model.js';

/** Numbers of a constant, row by row. */
export interface GraphConstant {
  readonly shape: readonly number[];
  /** Whole numbers say how tensors are cut and shaped; they stay outside of the tensor engine. */
  readonly integer: boolean;
  readonly values: Float32Array | Int32Array;
}

const bytesEach: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint16: 2,
  uint8: 1,
};

const sizeOf = ({ shape }: StoredConstant): number => shape.reduce((product, side) => product * side, 1);

const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

const decode = (constant: StoredConstant, bytes: Uint8Array): Float32Array | Int32Array => {
  const { dtype, quantization } = constant;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = quantization?.dtype ?? dtype;
  const read: Readonly<Record<string, (i: number) => number>> = {
    float32: (i) => view.getFloat32(4 * i, true),
    int32: (i) => view.getInt32(4 * i, true),
    bool: (i) => view.getUint8(i),
    float16: (i) => half(view.getUint16(2 * i, true)),
    uint16: (i) => view.getUint16(2 * i, true),
    uint8: (i) => view.getUint8(i),
  };
  const at = read[stored] ?? (() => Number.NaN);
  const { scale = 1, min = 0 } = quantization ?? {};
  const number = quantization && stored !== 'float16' ? (i: number) => at(i) * scale + min : at;
  const length = sizeOf(constant);
  return dtype === 'float32'
    ? Float32Array.from({ length }, (_, i) => number(i))
    : Int32Array.from({ length }, (_, i) => Math.round(number(i)));
};

/**
 * Takes the constants out of the bytes of the shards.
 * @param shards The bytes of each group's files, one after the other.
 * @throws DraftError `DRAFT_WEIGHTS_INVALID` where they are too short or too long, or of an unknown type.
 */
export const readConstants = (
  { groups }: GraphModel,
  shards: readonly Uint8Array[],
  name: string,
): ReadonlyMap<string, GraphConstant> => {
  const constants = new Map<string, GraphConstant>();
  for (const [i, group] of groups.entries()) {
    const bytes = shards[i] ?? new Uint8Array();
    let offset = 0;
    for (const constant of group.constants) {
      const stored = constant.quantization?.dtype ?? constant.dtype;
      const each = bytesEach[stored];
      if (each === undefined || !['float32', 'int32', 'bool'].includes(constant.dtype)) {
        throw new DraftError(
          'DRAFT_WEIGHTS_INVALID',
          `${name} stores ${constant.name} as ${stored}, which cannot be read.`,
        );
      }
      const end = offset + each * sizeOf(constant);
      if (end > bytes.length) break;
      const values = decode(constant, bytes.subarray(offset, end));
      constants.set(constant.name, { shape: constant.shape, integer: constant.dtype !== 'float32', values });
      offset = end;
    }
    if (
      constants.size < groups.slice(0, i + 1).reduce((sum, { constants: all }) => sum + all.length, 0) ||
      offset !== bytes.length
    ) {
      throw new DraftError(
        'DRAFT_WEIGHTS_INVALID',
        `The files ${group.paths.join(', ')} of ${name} hold ${bytes.length} bytes, which are not the weights that it describes: download them again.`,
      );
    }
  }
  return constants;
};
