import { expect, it } from 'vitest';
import { float32ToBfloat16 } from '../src/files/bfloat16.js';
import { conv2d } from '../src/primitives/conv2d.js';
import { createRandomSource } from '../src/random/create-random-source.js';
import { createRuntime } from '../src/runtime/create-runtime.js';
import { usableInstructionSets } from '../src/runtime/provision/instruction-set.js';
import { type Tensor4D, tf } from '../src/runtime/tf.js';

const normal = (shape: [number, number, number, number], seed: number): Tensor4D =>
  tf.tensor4d(createRandomSource(seed, 'precise').normal(shape.reduce((a, b) => a * b, 1)), shape);

/** The share of numbers that lose something in bfloat16. */
const finer = (values: Float32Array): number => {
  const rounded = float32ToBfloat16(values);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return bits.filter((each, i) => each !== ((rounded[i] as number) << 16) >>> 0).length / values.length;
};

it.runIf(usableInstructionSets().includes('avx512bf16'))(
  'a last convolution gives float32 where activations are bfloat16',
  async () => {
    const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'bfloat16' });
    const x = normal([1, 10, 10, 20], 1);
    const weight = normal([3, 3, 20, 4], 2);
    const convolve = (precise: boolean) =>
      runtime.compile(`precise-${precise}`, ({ image }: { image: Tensor4D }) => ({
        y: conv2d(image, { weight }, { precise }),
      }));
    const [plain, precise] = [convolve(false), convolve(true)];
    const { y: rounded } = await plain({ image: x });
    const { y: exact } = await precise({ image: x });
    expect(finer((await rounded.data()) as Float32Array)).toBe(0);
    expect(finer((await exact.data()) as Float32Array)).toBeGreaterThan(0.9);
    tf.dispose([x, weight, rounded, exact]);
    plain.dispose();
    precise.dispose();
  },
);
