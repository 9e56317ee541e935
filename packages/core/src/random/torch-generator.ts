import { DraftError } from '../errors/draft-error.js';
import { createMersenneTwister } from './mersenne-twister.js';

/** PyTorch's CPU generator, for float32: what is drawn depends on what was drawn before. */
export interface TorchGenerator {
  /** `torch.rand(count)`, equal to the last bit. */
  uniform(count: number): Float32Array;
  /** `torch.randn(count)`, equal but for the last bits of logarithm and cosine: |difference| ≤ 6e-7. */
  normal(count: number): Float32Array;
}

const { fround } = Math;
const twoPi = fround(2 * Math.PI);

/** Sixteen uniform numbers to sixteen normal ones, in place, each operation rounded to float32. */
function boxMuller(values: Float32Array, start: number): void {
  for (let i = start; i < start + 8; i++) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(fround(1 - values[i]!))))));
    const angle = fround(twoPi * values[i + 8]!);
    values[i] = radius * fround(Math.cos(angle));
    values[i + 8] = radius * fround(Math.sin(angle));
  }
}

/**
 * The numbers of `torch.Generator().manual_seed(seed)` on the CPU.
 * @param seed `0..2⁶⁴ − 1`; as in PyTorch, only its lower 32 bits count.
 */
export function createTorchGenerator(seed: number | bigint): TorchGenerator {
  if ((typeof seed === 'number' && !Number.isSafeInteger(seed)) || seed < 0 || seed >= 2n ** 64n) {
    throw new DraftError('DRAFT_SEED_INVALID', `The seed must be a non-negative integer, not ${seed}.`);
  }
  const word = createMersenneTwister(Number(BigInt(seed) & 0xffffffffn));
  /** The second number of the last pair drawn one by one; it outlives draws of other kinds. */
  let saved: number | null = null;

  const uniform = (count: number) =>
    Float32Array.from({ length: count }, () => (word() & 0xffffff) / 2 ** 24);

  const uniform53 = () => {
    const high = word();
    return ((high & 0x1fffff) * 2 ** 32 + word()) / 2 ** 53;
  };

  const single = () => {
    if (saved !== null) {
      const value = saved;
      saved = null;
      return value;
    }
    const angle = 2 * Math.PI * uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-uniform53()));
    saved = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };

  return {
    uniform,
    normal(count) {
      // PyTorch draws fewer than 16 one by one in double precision, more of them in blocks of 16.
      if (count < 16) return Float32Array.from({ length: count }, single);
      const values = uniform(count);
      for (let start = 0; start + 16 <= count; start += 16) boxMuller(values, start);
      if (count % 16) {
        values.set(uniform(16), count - 16);
        boxMuller(values, count - 16);
      }
      return values;
    },
  };
}

/** `torch.randn(count, generator=torch.Generator().manual_seed(seed))` in float32, to |difference| ≤ 6e-7. */
export function torchNormal(seed: number | bigint, count: number): Float32Array {
  return createTorchGenerator(seed).normal(count);
}
