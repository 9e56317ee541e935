/** Weights that a reward downloads or reads. */
export interface RewardWeights {
  /** What they are called where they are published. */
  readonly name: string;
  /** Where they come from, an address or a repository. */
  readonly source: string;
  /** SPDX identifier, or what the publisher says. */
  readonly license: string;
  /** What is downloaded, in bytes. */
  readonly bytes?: number;
}

/** What a user should know of a reward before training on it; shown by `draft describe reward NAME`. */
export interface RewardCard {
  /** What it measures, in a sentence or two. */
  readonly measures: string;
  /** Scores between which pictures plausibly lie; null where there is no end. */
  readonly range?: readonly [lowest: number | null, highest: number | null];
  /** What the scores of some pictures are, in a sentence. */
  readonly anchors?: string;
  /** How pictures are turned into what the network sees, the official way and the differentiable one. */
  readonly preprocessing?: string;
  /** What it downloads; absent where there is nothing. */
  readonly weights?: readonly RewardWeights[];
  /** What pictures look like that please it without being better. */
  readonly hacking?: string;
  /** Papers and pages that define it. */
  readonly sources?: readonly string[];
}
