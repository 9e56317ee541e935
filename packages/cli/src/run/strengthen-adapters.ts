import { type Adapter, type Adapters, combineAdapters, type Tensor2D, tf } from '@draft/core';

/** Adapters at some strengths. */
export interface StrengthenedAdapters {
  /** All LoRAs together, always with the same structure, so that one recorded graph serves all strengths. */
  readonly adapters: Adapters;
  /** The same, changing nothing; made when it is first asked for. */
  off(): Adapters;
  dispose(): void;
}

/**
 * Combines LoRAs at strengths of their own. The strength is in the numbers, not in the adapters' scales.
 * @param sets The LoRAs; their tensors stay the caller's.
 * @param strengths One a LoRA; 1 is as it was trained.
 */
export const strengthenAdapters = (
  sets: readonly Adapters[],
  strengths: readonly number[],
): StrengthenedAdapters => {
  const made: Tensor2D[] = [];
  const at = (strengthOf: (index: number) => number): Adapters =>
    combineAdapters(
      ...sets.map((set, index): Adapters => {
        const strength = strengthOf(index);
        if (strength === 1) return set;
        return new Map(
          [...set].map(([name, list]): [string, readonly Adapter[]] => [
            name,
            list.map((adapter) => {
              const up = tf.mul(adapter.up, strength) as Tensor2D;
              made.push(up);
              return { ...adapter, up };
            }),
          ]),
        );
      }),
    );
  let off: Adapters | undefined;
  return {
    adapters: at((index) => strengths[index] ?? 1),
    off() {
      off ??= at(() => 0);
      return off;
    },
    dispose: () => tf.dispose(made),
  };
};
