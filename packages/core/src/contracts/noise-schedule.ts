/** What the network's output stands for: the noise ε, or the velocity `v = √ᾱ ε − √(1−ᾱ) x₀`. */
export type PredictionType = 'epsilon' | 'v_prediction';

/** How N sampling steps are spread over the training timesteps, in the terms of diffusers. */
export type TimestepSpacing = 'leading' | 'trailing' | 'linspace';

/** The forward process that a checkpoint was trained with, from its scheduler's configuration. */
export interface NoiseSchedule {
  /** `ᾱ_t` for each training timestep (usually 1000), falling from near 1 to near 0. */
  readonly alphasCumprod: Float64Array;
  readonly predictionType: PredictionType;
  /** The checkpoint's spacing; a sampler falls back on its own default where it is absent. */
  readonly timestepSpacing?: TimestepSpacing;
  /** Added to the timesteps in `leading` spacing. */
  readonly stepsOffset: number;
  /** Whether `ᾱ` past the last step is 1 (true) or `ᾱ_0` (false). */
  readonly setAlphaToOne: boolean;
}
