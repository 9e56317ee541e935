import { describe, expect, it } from 'vitest';
import { float32ToBfloat16 } from '../src/files/bfloat16.js';
import { conv2d } from '../src/primitives/conv2d.js';
import { linear } from '../src/primitives/linear.js';
import { createRandomSource } from '../src/random/create-random-source.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { usableInstructionSets } from '../src/runtime/provision/instruction-set.js';
import { type Tensor, type Tensor4D, tf } from '../src/runtime/tf.js';

const normal = (shape: [number, number, number, number], seed: number): Tensor4D =>
  tf.tensor4d(createRandomSource(seed, 'precise').normal(shape.reduce((a, b) => a * b, 1)), shape);

/** The share of numbers that lose something in bfloat16. */
const finer = (values: Float32Array): number => {
  const rounded = float32ToBfloat16(values);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return bits.filter((each, i) => each !== ((rounded[i] as number) << 16) >>> 0).length / values.length;
};

const whole = (shape: [number, number, number, number]) => [shape[0] * shape[1] * shape[2], shape[3]];

describe.runIf(usableInstructionSets().includes('avx512bf16'))('where activations are bfloat16', () => {
  it.each([
    [
      'a convolution',
      (x: Tensor4D, precise: boolean) => conv2d(x, { weight: normal([3, 3, 20, 4], 2) }, { precise }),
    ],
    [
      'a linear map',
      (x: Tensor4D, precise: boolean) => {
        const weight = tf.reshape(normal([1, 1, 6, 20], 3), [6, 20]);
        return linear(tf.reshape(x, whole([1, 10, 10, 20])), { weight }, [], { precise });
      },
    ],
  ] as const)('%s gives float32 if it is to be precise', async (_, layer) => {
    const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'bfloat16' });
    const x = normal([1, 10, 10, 20], 1);
    const shares: number[] = [];
    for (const precise of [false, true]) {
      const compiled = runtime.compile(`precise-${precise}`, ({ image }: { image: Tensor4D }) => ({
        y: layer(image, precise) as Tensor,
      }));
      const { y } = await compiled({ image: x });
      shares.push(finer((await y.data()) as Float32Array));
      y.dispose();
      compiled.dispose();
    }
    x.dispose();
    expect(shares[0]).toBe(0);
    expect(shares[1]).toBeGreaterThan(0.9);
  });
});
