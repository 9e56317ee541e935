/** A stream of pseudo-random draws that its seed alone decides. */
export interface RandomSource {
  /** A number in `[0, 1)`. */
  next(): number;
  /** A number in `[low, high)`. */
  between(low: number, high: number): number;
  /** An integer in `[0, count)`. */
  integer(count: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items, all equally likely. */
  pick<T>(items: readonly T[]): T;
  /** One of the items, as likely as its weight. */
  pickWeighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
  /** A draw of mean 0 and standard deviation 1, from the sum of three uniform draws: never beyond ±3. */
  bell(): number;
}

/** Mixes 32-bit integers into one: the scene `index` of `stream` under `seed` has a source of its own. */
export function mixSeed(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** Creates the random source of a 32-bit seed (Mulberry32). */
export function createRandomSource(seed: number): RandomSource {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (count: number): number => Math.floor(next() * count);
  return {
    next,
    integer,
    between: (low, high) => low + (high - low) * next(),
    chance: (probability) => next() < probability,
    pick: (items) => items[integer(items.length)]!,
    pickWeighted: (items) => {
      let rest = next() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) {
        rest -= weight;
        if (rest < 0) return item;
      }
      return items[items.length - 1]![0];
    },
    bell: () => 2 * (next() + next() + next() - 1.5),
  };
}

/** The numbers `0 … count - 1` in an order that the source decides (Fisher and Yates). */
export function shuffledIndices(count: number, random: RandomSource): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
