import type { CheckpointContent } from './checkpoint-store.js';
import type { JudgedPicture, Subject } from './evaluation.js';
import type { MetricsLine } from './metrics.js';

/** A model in training, as the run folder sees it: numbers and pictures, no tensors. */
export interface Workbench {
  /** Makes and judges pictures with the LoRA as it is now. */
  judge(subjects: readonly Subject[]): Promise<readonly JudgedPicture[]>;
  /** One update of the LoRA. */
  iterate(): Promise<MetricsLine>;
  /** Everything that is needed to go on to the bit. */
  state(): Promise<CheckpointContent>;
  restore(content: CheckpointContent): void;
  /** Writes the LoRA as it is now, and beside it `….kohya.safetensors`. */
  writeLora(path: string): Promise<void>;
  /** Resident memory of the process, bytes. */
  residentBytes(): number;
  dispose(): void;
}
