import { createHash } from 'node:crypto';
import type { RandomSource } from '../contracts/random-source.js';
import { DraftError } from '../errors/draft-error.js';
import { philox } from './philox.js';

function checked(key: readonly (string | number)[]): void {
  for (const part of key) {
    if (typeof part === 'string' || Number.isSafeInteger(part)) continue;
    throw new DraftError('DRAFT_SEED_INVALID', `A seed or key must be an integer or a text, not ${part}.`);
  }
}

/**
 * A source of random numbers that is determined by a seed and a key: Philox 4×32-10 whose key and upper counter
 * are the SHA-256 of both. Children of the same name are the same source, however much was drawn before.
 * `child('a', 1)` and `child('a').child(1)` are one.
 * @param seed An integer.
 * @param key Names a part of the work, for example `('noise', sample, step)`.
 */
export function createRandomSource(seed: number, ...key: readonly (string | number)[]): RandomSource {
  checked([seed, ...key]);
  // JSON keeps 1 apart from '1', and ('ab') from ('a', 'b').
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...key]))
    .digest();
  const words = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number];
  const philoxKey = [words[0], words[1]] as const;
  let block = 0;
  const next = () => {
    const counter = [block >>> 0, Math.floor(block / 2 ** 32), words[2], words[3]] as const;
    block += 1;
    return philox(counter, philoxKey);
  };

  /** 53 random bits as an integer. */
  const wide = () => {
    const [high, low] = next();
    return (high >>> 5) * 2 ** 26 + (low >>> 6);
  };

  return {
    uniform: () => wide() / 2 ** 53,
    integer(from, to) {
      const size = to - from + 1;
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || size < 1 || size > 2 ** 53) {
        throw new DraftError('DRAFT_RANGE_INVALID', `There is no integer in ${from}..${to} to draw.`);
      }
      // Draws beyond the last whole multiple would make small results more likely.
      const limit = 2 ** 53 - (2 ** 53 % size);
      for (;;) {
        const draw = wide();
        if (draw < limit) return from + (draw % size);
      }
    },
    normal(count) {
      const numbers = new Float32Array(count);
      for (let i = 0; i < count; ) {
        const uniforms = next();
        for (let pair = 0; pair < 4; pair += 2) {
          // Box–Muller. Half a unit keeps the logarithm finite.
          const radius = Math.sqrt(-2 * Math.log((uniforms[pair]! + 0.5) / 2 ** 32));
          const angle = (2 * Math.PI * uniforms[pair + 1]!) / 2 ** 32;
          // What lies beyond the end of the array is ignored.
          numbers[i++] = radius * Math.cos(angle);
          numbers[i++] = radius * Math.sin(angle);
        }
      }
      return numbers;
    },
    child: (...more) => createRandomSource(seed, ...key, ...more),
  };
}
