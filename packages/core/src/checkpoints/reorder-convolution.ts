type Words = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Results whose numbers are moved side by side. */
const together = 64;

/**
 * Reorders a convolution's numbers from `[out, in, height, width]` to `[height, width, in, out]` without looking
 * into them.
 * @param bytes Aligned to the size of a number; left as it is.
 * @param itemSize Bytes per number.
 */
export function reorderConvolution(
  bytes: Uint8Array<ArrayBuffer>,
  itemSize: 2 | 4,
  stored: readonly [out: number, inner: number, height: number, width: number],
): Uint8Array<ArrayBuffer> {
  const [outChannels, inChannels, height, width] = stored;
  const window = height * width;
  const view = (source: Uint8Array<ArrayBuffer>): Words =>
    itemSize === 2
      ? new Uint16Array(source.buffer, source.byteOffset, source.byteLength / 2)
      : new Uint32Array(source.buffer, source.byteOffset, source.byteLength / 4);
  const from = view(bytes);
  const result = new Uint8Array(bytes.byteLength);
  const to = view(result);
  // Writes run along memory; what is read of some results lies in as many lines, which stay in the cache for all places.
  for (let first = 0; first < outChannels; first += together) {
    const end = Math.min(first + together, outChannels);
    for (let inner = 0; inner < inChannels; inner += 1) {
      for (let place = 0; place < window; place += 1) {
        const start = (place * inChannels + inner) * outChannels;
        let source = (first * inChannels + inner) * window + place;
        for (let out = first; out < end; out += 1) {
          to[start + out] = from[source]!;
          source += inChannels * window;
        }
      }
    }
  }
  return result;
}
