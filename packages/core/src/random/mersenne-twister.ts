const size = 624;
const offset = 397;

/**
 * MT19937: a function that gives the next unsigned 32-bit word.
 * @param seed An unsigned 32-bit word.
 * @see Matsumoto and Nishimura, Mersenne Twister, ACM TOMACS 8(1), 1998; seeding as revised in 2002.
 */
export function createMersenneTwister(seed: number): () => number {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const last = state[i - 1]!;
    state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
  }
  let position = size;
  const twist = () => {
    for (let i = 0; i < size; i++) {
      const pair = (state[i]! & 0x80000000) | (state[(i + 1) % size]! & 0x7fffffff);
      state[i] = state[(i + offset) % size]! ^ (pair >>> 1) ^ (pair & 1 ? 0x9908b0df : 0);
    }
    position = 0;
  };
  return () => {
    if (position === size) twist();
    let word = state[position++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  };
}
