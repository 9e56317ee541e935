/** IEEE 754 binary16 to binary32, exact. */
function widen(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 31) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: move the leading one to the implicit place.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

let table: Uint32Array | undefined;

/** Binary16 bit patterns to float32, exact; NaN payloads are kept. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Uint32Array.from({ length: 0x10000 }, (_, half) => widen(half));
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < words.length; i++) words[i] = table[halves[i]!]!;
  return new Float32Array(words.buffer);
}

/** One float32 bit pattern to binary16, rounded to nearest, ties to even. */
function narrow(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more round to infinity
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  // Subnormal results count in units of 2⁻²⁴.
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return sign;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const floor = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (floor + (rest > half || (rest === half && (floor & 1) === 1) ? 1 : 0));
}

/** Float32 to binary16 bit patterns, rounded to nearest, ties to even; beyond ±65504 it becomes infinite. */
export function float32ToFloat16(numbers: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < halves.length; i++) halves[i] = narrow(words[i]!);
  return halves;
}
