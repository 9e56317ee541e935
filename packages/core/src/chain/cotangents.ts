import type { Plan } from '../contracts/gradient-policy.js';
import type { SamplerStep, SamplerTable } from '../contracts/sampler.js';

/**
 * The weight of each trained step of a plan whose network input is detached: the gradient of the objective in the
 * noise prediction of step `t` is `weight(t) · G`, with `G` the gradient in the finished latents.
 *
 * For a single-step sampler run to the end that is `b_t · Π_{j<t} a_j`; an early stop at `t_min` puts `q` and `p` of
 * that step in the place of its `b` and `a`; a multistep sampler adds the way through the previous clean prediction.
 * @returns By step as the papers number them; 0 where the state is detached before the step.
 */
export const cotangentWeights = (table: SamplerTable, plan: Plan): Map<number, number> => {
  const weights = new Map<number, number>();
  const trained = new Set(plan.train);
  const last = Math.max(plan.stop, 1);
  // λ is the gradient in a step's result x_next, μ the one in its clean prediction x̂₀, both as multiples of G.
  let lambda = plan.stop > 0 ? 0 : 1;
  let mu = plan.stop > 0 ? 1 : 0;
  for (let t = last; t <= plan.steps; t += 1) {
    if (plan.cutState !== null && t > plan.cutState) lambda = mu = 0;
    const { a, b, h, p, q } = table.steps[plan.steps - t] as SamplerStep;
    if (trained.has(t)) weights.set(t, b * lambda + q * mu);
    [lambda, mu] = [a * lambda + p * mu, h * lambda];
  }
  return weights;
};
