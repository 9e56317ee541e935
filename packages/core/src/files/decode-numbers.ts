import { bfloat16ToFloat32 } from './bfloat16.js';
import { float16ToFloat32 } from './float16.js';
import type { SafetensorsType } from './safetensors-header.js';

/** The 8-bit float of ±448 without infinities, as a number. */
function float8E4M3(byte: number): number {
  const sign = byte & 0x80 ? -1 : 1;
  const exponent = (byte >>> 3) & 15;
  const fraction = byte & 7;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return sign * (exponent ? (8 + fraction) * 2 ** (exponent - 10) : fraction * 2 ** -9);
}

/** `high · 2³² + low` for each pair of little-endian words. */
function integers64(bytes: Uint8Array<ArrayBuffer>, signed: boolean): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return Float32Array.from({ length: words.length / 2 }, (_, i) => {
    const high = words[2 * i + 1]!;
    return (signed ? high | 0 : high) * 2 ** 32 + words[2 * i]!;
  });
}

/**
 * Stored numbers as float32, rounded to nearest where float32 cannot hold them.
 * @param bytes Little-endian, from `SafetensorsFile.read`; float32 is viewed, not copied.
 */
export function decodeNumbers(
  bytes: Uint8Array<ArrayBuffer>,
  dtype: SafetensorsType,
): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset: at, byteLength } = bytes;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, at, byteLength / 4);
    case 'F16':
      return float16ToFloat32(new Uint16Array(buffer, at, byteLength / 2));
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(buffer, at, byteLength / 2));
    case 'F64':
      return new Float32Array(new Float64Array(buffer, at, byteLength / 8));
    case 'I64':
    case 'U64':
      return integers64(bytes, dtype === 'I64');
    case 'I32':
      return new Float32Array(new Int32Array(buffer, at, byteLength / 4));
    case 'U32':
      return new Float32Array(new Uint32Array(buffer, at, byteLength / 4));
    case 'I16':
      return new Float32Array(new Int16Array(buffer, at, byteLength / 2));
    case 'U16':
      return new Float32Array(new Uint16Array(buffer, at, byteLength / 2));
    case 'I8':
      return new Float32Array(new Int8Array(buffer, at, byteLength));
    case 'U8':
    case 'BOOL':
      return new Float32Array(bytes);
    case 'F8_E4M3':
      return Float32Array.from(bytes, float8E4M3);
    case 'F8_E5M2':
      return float16ToFloat32(Uint16Array.from(bytes, (byte) => byte << 8));
  }
}
