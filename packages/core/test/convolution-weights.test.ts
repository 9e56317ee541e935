import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredType } from '../src/contracts/runtime.js';
import { float32ToBfloat16 } from '../src/files/bfloat16.js';
import { createRuntime } from '../src/runtime/create-runtime.js';

const size = fc.integer({ min: 1, max: 5 });
const channels = fc.oneof(size, fc.integer({ min: 6, max: 45 }));
// More than are put side by side at a time.
const outputs = fc.oneof(channels, fc.integer({ min: 120, max: 150 }));

describe.each(['tensorflow', 'wasm', 'cpu'] as const)('the weight of a convolution, on %s', (backend) => {
  it.each(['F32', 'BF16'] as const)('is transposed as it is loaded from %s', async (storedAs: StoredType) => {
    const runtime = await createRuntime({ backend });
    fc.assert(
      fc.property(outputs, channels, size, size, (out, inner, height, width) => {
        const count = out * inner * height * width;
        // Whole numbers that bfloat16 holds.
        const numbers = Float32Array.from({ length: count }, (_, i) => (i * 37) % 256);
        const stored = storedAs === 'F32' ? numbers : float32ToBfloat16(numbers);
        const weight = runtime.weight(
          new Uint8Array(stored.buffer),
          storedAs,
          [height, width, inner, out],
          'convolution',
        );
        const result = weight.dataSync();
        weight.dispose();
        const wrong = result.findIndex((value, i) => {
          const o = i % out;
          const c = Math.floor(i / out) % inner;
          const x = Math.floor(i / (out * inner)) % width;
          const y = Math.floor(i / (out * inner * width));
          return value !== numbers[((o * inner + c) * height + y) * width + x];
        });
        expect(wrong).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });
});
