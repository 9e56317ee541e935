import { float32ToFloat16 } from '../../../packages/core/src/files/float16.js';

const period = 1 << 20;

/** Makes random float16 numbers: one stretch of normal ones, repeated, as nobody looks at them one by one. */
export function createRandomWeights(): (count: number) => Uint8Array {
  const numbers = Float32Array.from({ length: period }, (_, i) => {
    // A hash of the place for each of the two uniforms of Box and Muller.
    const uniform = (salt: number) => {
      const bits = Math.imul(Math.imul(i + salt, 0x9e3779b1) ^ ((i + salt) >>> 15), 0x85ebca77);
      return ((bits ^ (bits >>> 13)) >>> 0) / 2 ** 32;
    };
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(1) * 0.999999));
    return 0.02 * radius * Math.cos(2 * Math.PI * uniform(0x51ed27));
  });
  const stretch = new Uint8Array(float32ToFloat16(numbers).buffer);
  return (count) => {
    const bytes = new Uint8Array(2 * count);
    for (let at = 0; at < bytes.length; at += stretch.length) {
      bytes.set(stretch.subarray(0, Math.min(stretch.length, bytes.length - at)), at);
    }
    return bytes;
  };
}
