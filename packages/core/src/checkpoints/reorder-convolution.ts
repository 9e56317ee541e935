type Words = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

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
  // Writes run along memory; the reads of one row stay within `window` passes over the same cache lines.
  for (let inner = 0; inner < inChannels; inner += 1) {
    for (let place = 0; place < window; place += 1) {
      const start = (place * inChannels + inner) * outChannels;
      let source = inner * window + place;
      for (let out = 0; out < outChannels; out += 1) {
        to[start + out] = from[source]!;
        source += inChannels * window;
      }
    }
  }
  return result;
}
