/** Blocks of one resolution. */
export interface ResnetStage {
  /** Number of blocks. */
  readonly blocks: number;
  /** Channels within a block. */
  readonly innerWidth: number;
  /** Channels of its result. */
  readonly width: number;
  /** By what the first block makes the image smaller. */
  readonly stride: 1 | 2;
}

/** The architecture of a residual network for classification. */
export interface ResnetConfig {
  /** Channels after the first convolution. */
  readonly stemWidth: number;
  readonly stages: readonly ResnetStage[];
  /** `bottleneck`: convolutions of 1 × 1, 3 × 3 and 1 × 1; `basic`: two of 3 × 3. */
  readonly block: 'bottleneck' | 'basic';
  /** Which convolution of a block makes the image smaller, from 1; of a basic block it is the first. */
  readonly strideAt: 1 | 2;
  readonly classes: number;
}
