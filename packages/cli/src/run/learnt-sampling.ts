import {
  type DiffusionModel,
  encodeNegative,
  type Learnt,
  mixSampling,
  type SamplingWeights,
  samplingTensors,
} from '@draft/core';

/** What was learnt, as far as it guides sampling. */
export type LearntSampling = Pick<Learnt, 'sampling'> & { readonly file: string };

/** Makes sampling weights of what was learnt, at some strengths. */
export interface SamplingMixer {
  /**
   * Sampling weights owned by the caller; undefined where none were learnt.
   * @param strengths One a file; 0 is as if it had not been learnt.
   */
  at(strengths: readonly number[]): SamplingWeights | undefined;
}

/**
 * Prepares the sampling weights of files for a model.
 * @param guidance What is mixed with what was learnt where its strength is not 1.
 * @throws DraftError `DRAFT_SAMPLING_MISMATCH` where they are for another model.
 */
export const createSamplingMixer = async (
  learnt: readonly LearntSampling[],
  model: Pick<DiffusionModel, 'encode'>,
  guidance: number,
): Promise<SamplingMixer> => {
  if (learnt.every(({ sampling }) => sampling === undefined)) return { at: () => undefined };
  const base = { guidance, negative: await encodeNegative(model) };
  const numbersAt = (strengths: readonly number[]) =>
    mixSampling(
      base,
      learnt.flatMap(({ file, sampling }, i) =>
        sampling ? [{ name: file, numbers: sampling, strength: strengths[i] ?? 1 }] : [],
      ),
    );
  // Says what does not fit before anything is drawn.
  numbersAt([]);
  return { at: (strengths) => samplingTensors(numbersAt(strengths)) };
};
