import {
  type Adapters,
  createGenerator,
  createRandomSource,
  type DiffusionModel,
  initialNoise,
  type Pixels,
  type Runtime,
  type SamplerTable,
  type SamplingWeights,
  type Tensor4D,
  tf,
  toPixels,
} from '@draft/core';
import type { Subject } from './evaluation.js';

/** What a maker of pictures is built from. */
export interface PictureMakerOptions {
  readonly runtime: Runtime;
  readonly model: DiffusionModel;
  readonly table: SamplerTable;
  readonly guidance: number;
  readonly height: number;
  readonly width: number;
  /** The structure of the adapters that pictures will be made with. */
  readonly adapters: Adapters;
}

/** Pictures as tensors; both are the caller's. */
export interface MadePictures {
  readonly latents: Tensor4D;
  readonly images: Tensor4D;
}

/** Adapters for all steps, or those of each step `t`, the last being 1. */
export type AdaptersOfSteps = Adapters | ((t: number) => Adapters);

/** What guides sampling at all steps, or at each step `t`; undefined where nothing was learnt of it. */
export type SamplingOfSteps = SamplingWeights | ((t: number) => SamplingWeights | undefined) | undefined;

/** Makes pictures of prompts and seeds. */
export interface PictureMaker {
  make(
    subjects: readonly Subject[],
    adapters: AdaptersOfSteps,
    progress?: (share: number) => void,
    sampling?: SamplingOfSteps,
  ): Promise<MadePictures>;
  /** The same from given initial noise, `[n, h, w, c]`, which stays the caller's. */
  makeFrom(
    noise: Tensor4D,
    subjects: readonly Subject[],
    adapters: AdaptersOfSteps,
    progress?: (share: number) => void,
    sampling?: SamplingOfSteps,
  ): Promise<MadePictures>;
  /** What noise the sampler adds to the pictures of these subjects at step `t`; owned by who asks. */
  stepNoise(subjects: readonly Subject[]): (t: number) => Tensor4D;
  dispose(): void;
}

/** Images `[n, height, width, 3]` as pictures; the tensor stays the caller's. */
export const picturesOf = async (images: Tensor4D): Promise<readonly Pixels[]> =>
  toPixels((await images.data()) as Float32Array, images.shape);

/**
 * Builds a maker of pictures. A subject's picture depends on its prompt and its seed alone, not on what is made
 * beside it: the seed draws the initial noise as PyTorch does, and what noise the sampler adds.
 */
export const createPictureMaker = (options: PictureMakerOptions): PictureMaker => {
  const generator = createGenerator(options);
  const shape = options.model.latentShape(options.height, options.width);
  const [height, width, channels] = shape;
  const size = height * width * channels;

  const stack = (count: number, draw: (index: number) => Float32Array): Tensor4D => {
    const values = new Float32Array(count * size);
    for (let i = 0; i < count; i += 1) values.set(draw(i), i * size);
    return tf.tensor4d(values, [count, height, width, channels]);
  };

  const stepNoise: PictureMaker['stepNoise'] = (subjects) => {
    const sources = subjects.map(({ seed }) => createRandomSource(seed, 'generate'));
    return (t) =>
      stack(subjects.length, (i) => sources[i]?.child('step', t).normal(size) ?? new Float32Array(size));
  };

  const makeFrom: PictureMaker['makeFrom'] = (noise, subjects, adapters, progress, sampling) =>
    generator.generate(
      {
        prompts: subjects.map(({ prompt }) => prompt),
        noise,
        adapters,
        sampling,
        stepNoise: stepNoise(subjects),
      },
      progress,
    );

  return {
    makeFrom,
    stepNoise,
    async make(subjects, adapters, progress, sampling) {
      const noise = stack(
        subjects.length,
        (i) => initialNoise(subjects[i]?.seed ?? 0, [1, channels, height, width]).data,
      );
      try {
        return await makeFrom(noise, subjects, adapters, progress, sampling);
      } finally {
        noise.dispose();
      }
    },
    dispose: generator.dispose,
  };
};
