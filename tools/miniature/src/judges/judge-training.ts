import type { Runtime } from '@draft/core';
import type { JudgeScenes } from './judge-scenes.js';

/** What the training of a judge is given. */
export interface JudgeTraining {
  readonly runtime: Runtime;
  readonly scenes: JudgeScenes;
  /** Reads one of the first scenes as the autoencoder gives it back. */
  readonly soft: (scene: number) => Uint8Array;
  /** Where its state is kept. */
  readonly folder: string;
  /** Folder that the trained judges are written to, each in a folder of its own. */
  readonly judges: string;
  /** Folder of the miniature's tokenizer. */
  readonly tokenizer: string;
  readonly steps: number;
  /** Peak of the learning rate. */
  readonly peak: number;
}
