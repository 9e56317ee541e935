import type { Pixels } from '@draft/core';
import type { Judgement } from '../run/judge.js';
import type { Chunk } from './evaluation-plan.js';

/** A picture that was drawn, as numbers. */
export interface DrawnPicture extends Judgement {
  readonly pixels: Pixels;
  /** In which diversity is measured. */
  readonly embedding: Float32Array;
  /** How a strategy came to it. */
  readonly notes: Readonly<Record<string, unknown>>;
}

/** Draws and judges pictures, as the evaluation sees it: no tensors. */
export interface EvaluationBench {
  /** @param progress Called with the share that is done, `0..1`. */
  draw(chunk: Chunk, progress: (share: number) => void): Promise<readonly DrawnPicture[]>;
  dispose(): void;
}
