import type { AnyReward, ChainOptions, Tensor4D, WeightedReward } from '@draft/core';
import type { z } from 'zod';
import type { Subject } from '../run/evaluation.js';
import type { Judge, Judgement } from '../run/judge.js';
import type { AdaptersOfSteps, MadePictures, PictureMaker, SamplingOfSteps } from '../run/picture-maker.js';

/** Pictures to draw at once. */
export interface DrawRequest {
  /** Standard normal initial noise, `[n, h, w, c]`; stays the caller's. */
  readonly noise: Tensor4D;
  /** What each picture is of, and the seed of all its other noise. */
  readonly subjects: readonly Subject[];
  readonly adapters: AdaptersOfSteps;
  /** What guides sampling, where that was learnt. */
  readonly sampling?: SamplingOfSteps;
  /** Called with the share that is done, `0..1`. */
  readonly progress: (share: number) => void;
}

/** Pictures, what the rewards say about them, and how they came about. Tensors are the caller's. */
export interface DrawnPictures extends MadePictures {
  /** One a picture; empty where there is no reward. */
  readonly judgements: readonly Judgement[];
  /** What is kept about each picture in `config.json`, besides its prompt, seed and rewards. */
  readonly notes: readonly Readonly<Record<string, unknown>>[];
}

/** A strategy at work. */
export interface Drawing {
  draw(request: DrawRequest): Promise<DrawnPictures>;
  dispose(): void;
}

/** What a strategy works with; everything stays the caller's. */
export interface DrawingTools {
  readonly chain: ChainOptions;
  readonly maker: PictureMaker;
  /** Undefined where there is no reward. */
  readonly judge: Judge | undefined;
  readonly rewards: readonly WeightedReward<AnyReward>[];
  /** Pictures that are drawn in all; seeds up to the first one's plus this number are taken. */
  readonly count: number;
}

/** What a strategy asks of the rewards: none, one that judges each picture by itself, or also its gradient. */
export type RewardNeed = 'none' | 'scores' | 'gradient';

/** A way of drawing better pictures without training. */
export interface Strategy<Options> {
  readonly options: z.ZodType<Options>;
  readonly rewards: RewardNeed;
  create(options: Options, tools: DrawingTools): Drawing;
}
