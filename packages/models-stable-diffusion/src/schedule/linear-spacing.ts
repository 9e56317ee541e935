/**
 * Evenly spaced numbers in float32, bit for bit as PyTorch makes them: from the start in the first half, from the
 * end in the second, each product and sum rounded once.
 */
export function linearSpacing(start: number, end: number, count: number): Float32Array {
  const first = Math.fround(start);
  const last = Math.fround(end);
  const step = Math.fround(Math.fround(last - first) / Math.max(1, count - 1));
  const half = Math.floor(count / 2);
  return Float32Array.from({ length: count }, (_, index) =>
    index < half ? first + step * index : last - step * (count - 1 - index),
  );
}
