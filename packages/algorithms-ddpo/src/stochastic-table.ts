import { DraftError, type SamplerStep, type SamplerTable } from '@draft/core';

/** Below this a standard deviation is what rounding left of zero. */
const smallestDeviation = 1e-6;

/**
 * One deterministic step with noise of the same marginals.
 *
 * Without noise `x_next = α'·x̂₀ + s'·ε` with `α' = a/p`, `s' = b − α'·q`; `x` itself has `s/α = −q`. The posterior of
 * the forward process has the deviation `c = s' √(1 − (s'α / α's)²)`; with `η` of it
 * `x_next = α'·x̂₀ + √(s'² − η²c²)·ε + η·c·z`, which for DDIM's coefficients is its own equation 16.
 */
const withNoise = (step: SamplerStep, eta: number): SamplerStep => {
  const { a, p, q } = step;
  const signal = a / p;
  const level = step.b - signal * q;
  const ratio = level / signal / q;
  const deviation = eta * level * Math.sqrt(Math.max(0, 1 - ratio ** 2));
  if (!(deviation > smallestDeviation)) return step;
  return { ...step, b: signal * q + Math.sqrt(level ** 2 - deviation ** 2), c: deviation };
};

/**
 * The table that DDPO samples with: each step that is a Gaussian policy adds noise. A sampler that adds some is taken
 * as it is.
 * @param eta Share of DDPM's noise for a sampler that adds none, `0..1`.
 * @throws DraftError `DRAFT_SAMPLER_UNSUITED` for a multistep sampler.
 * @see {@link https://arxiv.org/abs/2010.02502}
 */
export const stochasticTable = (table: SamplerTable, eta: number): SamplerTable => {
  if (table.steps.some(({ h }) => h !== 0)) {
    throw new DraftError(
      'DRAFT_SAMPLER_UNSUITED',
      'The algorithm ddpo cannot sample with a multistep sampler, whose steps are no Gaussian policies: choose ddim, ddpm or euler.',
    );
  }
  if (table.steps.some(({ c }) => c !== 0)) return table;
  return { ...table, steps: table.steps.map((step) => withNoise(step, eta)) };
};
