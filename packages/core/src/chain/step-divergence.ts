import type { SamplerStep, SamplerTable } from '../contracts/sampler.js';

/** `1 / (1 + σ²)`: the share `ᾱ` of the signal at a noise level that is relative to the signal. */
const signalShare = (sigma: number): number => 1 / (1 + sigma ** 2);

/**
 * What the squared distance of two noises `ε` and `ε'` is multiplied by to be the divergence of the two steps that
 * sampling takes with them: of Gaussians of one variance `σ_t²` whose means lie `b_t (ε − ε')` apart,
 *
 * `KL_t = ‖μ − μ'‖² / 2σ_t² = w_t ‖ε − ε'‖²`, `w_t = b_t² / 2σ_t²`.
 *
 * A step that adds noise is such a Gaussian itself, with `σ_t = c_t`. One that adds none is read as DDPM's step between
 * the same noise levels, with the variance `σ_t² = β_t = 1 − ᾱ_t/ᾱ_{t−1}`, so that
 * `w_t = β_t / (2 (1 − β_t) (1 − ᾱ_t))`, and `ᾱ_0 = 1` at the end of the chain.
 * @returns One weight a step, in the order of the table.
 * @see Ho et al., Denoising diffusion probabilistic models, 2020, equations 8 to 12
 */
export const stepDivergences = ({ steps }: Pick<SamplerTable, 'steps'>): readonly number[] =>
  steps.map((step: SamplerStep, i) => {
    if (step.c !== 0) return (step.b / step.c) ** 2 / 2;
    // `q = −σ` for a network that predicts noise, however the sampler scales its state.
    const share = signalShare(step.q);
    const beta = 1 - share / signalShare(steps[i + 1]?.q ?? 0);
    return beta / (2 * (1 - beta) * (1 - share));
  });
