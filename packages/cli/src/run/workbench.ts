import type { ProfileRecording } from '@draft/core';
import type { CheckpointContent } from './checkpoint-store.js';
import type { JudgedPicture, Subject } from './evaluation.js';
import type { MetricsLine } from './metrics.js';

/** A model in training, as the run folder sees it: numbers and pictures, no tensors. */
export interface Workbench {
  /**
   * Makes and judges pictures with the LoRA as it is now, with its moving average where one is kept.
   * @param how With `closely`, also their embeddings and how steep the reward is around them.
   */
  judge(subjects: readonly Subject[], how?: { readonly closely: boolean }): Promise<readonly JudgedPicture[]>;
  /** One update of the LoRA. */
  iterate(): Promise<MetricsLine>;
  /** Everything that is needed to go on to the bit. */
  state(): Promise<CheckpointContent>;
  restore(content: CheckpointContent): void;
  /** Whether a moving average of the LoRA is kept. @default false */
  readonly averages?: boolean;
  /** Whether there is a LoRA; if not, only sampling weights are written. @default true */
  readonly adapts?: boolean;
  /**
   * Writes the LoRA as it is now, and beside it `….kohya.safetensors` and, where there are any, the sampling weights.
   * @param average Writes its moving average instead.
   */
  writeLora(path: string, average?: boolean): Promise<void>;
  /** Starts to profile the runtime. */
  startProfile?(): ProfileRecording;
  /** Resident memory of the process, bytes. */
  residentBytes(): number;
  dispose(): void;
}
