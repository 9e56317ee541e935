import {
  DraftError,
  type NoiseSchedule,
  requireSteps,
  type SamplerStep,
  type SamplerTable,
  sigmaAt,
  sigmasOf,
  spreadTimesteps,
  type TimestepSpacing,
} from '@draft/core';
import { karrasSigmas, nearestTimestep } from './karras-sigmas.js';

/** Settings of a DPM-Solver++ chain. */
export interface DpmppSettings {
  readonly spacing: TimestepSpacing;
  /** Noise levels after Karras et al. instead of those of the spaced timesteps. */
  readonly karras: boolean;
}

/** Timesteps and noise levels of a chain, descending. */
interface Levels {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
}

const levelsOf = (steps: number, schedule: NoiseSchedule, settings: DpmppSettings): Levels => {
  const training = sigmasOf(schedule);
  requireSteps(steps, training.length);
  if (settings.karras) {
    const sigmas = karrasSigmas(steps, training);
    return { timesteps: sigmas.map((sigma) => nearestTimestep(sigma, training)), sigmas };
  }
  const { spacing } = settings;
  // Leading and linspace count the clean end as a point of its own, which is not evaluated.
  const points = spacing === 'trailing' ? steps : steps + 1;
  if (points > training.length) {
    throw new DraftError(
      'DRAFT_SAMPLER_STEPS',
      `The dpmpp sampler takes at most ${training.length - 1} steps in ${spacing} spacing, not ${steps}.`,
    );
  }
  const timesteps = spreadTimesteps({
    steps: points,
    trainingSteps: training.length,
    spacing,
    offset: schedule.stepsOffset,
  }).slice(0, steps);
  return { timesteps, sigmas: timesteps.map((timestep) => sigmaAt(training, timestep)) };
};

/** A noise level in the variance-preserving terms of the solver: `x = alpha·x₀ + noise·ε`. */
const level = (sigma: number) => {
  const alpha = 1 / Math.sqrt(sigma ** 2 + 1);
  return { alpha, noise: sigma * alpha, lambda: -Math.log(sigma) };
};

/**
 * The table of a DPM-Solver++(2M) chain of `steps` steps (algorithm 2, midpoint form, last step of first order
 * and down to zero noise), numerically equal to diffusers' `DPMSolverMultistepScheduler`.
 *
 * With `λ = log(α/σ)`, `h = λ' − λ`, `r = h_before / h` and `m` the clean predictions, a step is
 * `x_next = (σ'/σ) x − α' (e^(−h) − 1) (m + (m − m_before) / (2r))`.
 * @see {@link https://arxiv.org/abs/2211.01095}
 */
export const dpmppTable = (steps: number, schedule: NoiseSchedule, settings: DpmppSettings): SamplerTable => {
  const { timesteps, sigmas } = levelsOf(steps, schedule, settings);
  const stepAt = (timestep: number, index: number): SamplerStep => {
    const here = level(sigmas[index]!);
    const p = 1 / here.alpha;
    const q = -here.noise / here.alpha;
    const step = { timestep, inputScale: 1, c: 0, p, q };
    // The last step goes to σ' = 0: e^(−h) = 0 and x_next = x̂₀.
    if (index === steps - 1) return { ...step, a: p, b: q, h: 0 };
    const next = level(sigmas[index + 1]!);
    const distance = next.lambda - here.lambda;
    const weight = -next.alpha * Math.expm1(-distance);
    const ratio = next.noise / here.noise;
    if (index === 0) return { ...step, a: ratio + weight * p, b: weight * q, h: 0 };
    const before = here.lambda - level(sigmas[index - 1]!).lambda;
    const correction = distance / (2 * before);
    const present = weight * (1 + correction);
    return { ...step, a: ratio + present * p, b: present * q, h: -weight * correction };
  };
  return { initialNoiseScale: 1, steps: timesteps.map(stepAt) };
};
