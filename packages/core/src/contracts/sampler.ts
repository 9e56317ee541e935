import type { NoiseSchedule } from './noise-schedule.js';

/**
 * One step of a sampler as numbers. With `x` the state, `ε` the guided noise prediction, `z` fresh standard
 * normal noise and `x̂₀' ` the clean prediction of the step before,
 *
 * `x̂₀ = p·x + q·ε` and `x_next = a·x + b·ε + h·x̂₀' + c·z`.
 */
export interface SamplerStep {
  /** Training timestep at which the network is evaluated, `0..999`; may be fractional. */
  readonly timestep: number;
  /** The network sees `inputScale · x`. */
  readonly inputScale: number;
  readonly a: number;
  readonly b: number;
  /** 0 for every single-step sampler, and for the first step of any. */
  readonly h: number;
  /** 0 where the step adds no noise. */
  readonly c: number;
  readonly p: number;
  readonly q: number;
}

/** A whole sampling chain as numbers: nothing else of a sampler is needed to run it, replay it or invert it. */
export interface SamplerTable {
  /** In the order of execution: `steps[0]` is the paper's `t = T`, the last one `t = 1`. */
  readonly steps: readonly SamplerStep[];
  /** Initial state `x_T = initialNoiseScale · z`. */
  readonly initialNoiseScale: number;
}

/** Turns a number of steps and a noise schedule into a table of coefficients. */
export interface Sampler {
  /** The strongest guidance that makes sense with the models that it is for; absent where any does. */
  readonly mostGuidance?: number;
  /** @throws DraftError `DRAFT_SAMPLER_STEPS` where the number of steps is no integer of `1..1000`. */
  table(steps: number, schedule: NoiseSchedule): SamplerTable;
}
