import {
  DraftError,
  type GradientPolicy,
  requireEarlyStop,
  withEarlyStop,
  withStopGradient,
} from '@draft/core';
import type { DrtuneOptions } from './drtune-options.js';

/** The options for a chain of `steps` steps; the paper found K ≈ 0.1 T and m ≈ 0.4 T best. */
const resolve = ({ k, m }: DrtuneOptions, steps: number) => ({
  k: k ?? Math.max(1, Math.round(0.1 * steps)),
  m: m ?? Math.max(1, Math.round(0.4 * steps)),
});

/**
 * Makes the gradient policy of DRTune: K equally spaced steps with a random start learn through a network whose
 * input is detached, so that gradient reaches the earliest of them without passing the network; sampling ends at
 * a random step.
 *
 * Trained steps are `{s + i·⌊T/K⌋ : i = 0..K−1}` with `s` uniform in `1..T − (K−1)⌊T/K⌋`. The paper prints the
 * upper end as `T − K⌊T/K⌋`, which is 0 where K divides T, and would never train the last steps elsewhere.
 * @see {@link https://arxiv.org/abs/2405.00760} algorithm 1
 */
export const createDrtune = (options: DrtuneOptions): GradientPolicy => ({
  validate(steps) {
    const { k, m } = resolve(options, steps);
    if (k > steps) {
      throw new DraftError(
        'DRAFT_PLAN_INVALID',
        `The option k of drtune is ${k}, but there are only ${steps} sampling steps; give at most ${steps}.`,
      );
    }
    requireEarlyStop('The option m of drtune', m, steps);
  },
  plan({ steps, random }) {
    const { k, m } = resolve(options, steps);
    const stride = Math.floor(steps / k);
    const span = (k - 1) * stride;
    const start = random.child('start').integer(1, steps - span);
    const train = Array.from({ length: k }, (_, index) => start + span - index * stride);
    const plan = withStopGradient({ steps, train, stop: 0, detachInput: false, cutState: null, copies: 0 });
    return m === 0 ? plan : withEarlyStop(plan, m, random);
  },
});
