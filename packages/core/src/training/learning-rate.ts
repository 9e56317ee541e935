/** How the learning rate goes on after the warm-up. */
export const learningRateSchedules = ['constant', 'linear', 'cosine', 'sqrt'] as const;

/** A learning rate over a training run. */
export interface LearningRateOptions {
  /** The largest learning rate. */
  readonly base: number;
  /**
   * `constant`; `linear` and `cosine` fall to 0 at the end of the run; `sqrt` falls with the root of the number of
   * iterations and does not depend on the run's length. @default 'constant'
   */
  readonly schedule?: (typeof learningRateSchedules)[number];
  /** Iterations of the whole run. */
  readonly iterations: number;
  /** Iterations over which the rate first rises in equal parts. @default 0 */
  readonly warmup?: number;
}

/**
 * The learning rate of one iteration. With `w` the warm-up and `s` the share of the rest of the run that is done:
 * `linear` `base (1 − s)`, `cosine` `base (1 + cos πs) / 2`, `sqrt` `base √(w' / (iteration + 1))`, `w' = max(1, w)`.
 * @param iteration From 0.
 */
export const learningRateAt = (iteration: number, options: LearningRateOptions): number => {
  const { base, schedule = 'constant', iterations, warmup = 0 } = options;
  if (iteration < warmup) return (base * (iteration + 1)) / warmup;
  const share = Math.min(1, (iteration - warmup) / Math.max(1, iterations - warmup));
  switch (schedule) {
    case 'constant':
      return base;
    case 'linear':
      return base * (1 - share);
    case 'cosine':
      return (base * (1 + Math.cos(Math.PI * share))) / 2;
    case 'sqrt':
      return base * Math.sqrt(Math.max(1, warmup) / (iteration + 1));
  }
};
