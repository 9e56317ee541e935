import type { RewardPlugin } from '@draft/core';

/** What was written: how many numbers, and the files that hold them. */
export interface WrittenWeights {
  readonly numbers: number;
  readonly files: readonly string[];
}

/** A reward whose network is tried at its published size. */
export interface FullSizeReward<Options> {
  readonly plugin: RewardPlugin<Options>;
  /** The network, in a few words. */
  readonly network: string;
  /** Writes the published files with random numbers into a folder, and what else lies there. */
  readonly write: (folder: string) => WrittenWeights;
  /** Options that load them from there. */
  readonly options: (folder: string) => Readonly<Record<string, unknown>>;
  /** How many pictures are scored at once. @default 1 */
  readonly pictures?: number;
}
