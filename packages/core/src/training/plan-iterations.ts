import { accumulate } from '../chain/estimate.js';
import { createPlanEstimator } from '../chain/plan-estimator.js';
import { validatePlan } from '../chain/plan-validation.js';
import type { Estimator, EstimatorSetup, Iteration, SampleGroup } from '../contracts/estimator.js';
import { type GradientPolicy, type Plan, queriesPerPicture } from '../contracts/gradient-policy.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';
import { differentiableRewards } from './differentiable-rewards.js';
import { prepareRewards } from './prepare-rewards.js';
import { addProducts, createRewardParts, partFigures, partNorms } from './reward-parts.js';
import { createRunningNorms } from './running-norms.js';

/** What learns, as it is now. */
type Current = Pick<Iteration, 'adapters' | 'sampling'>;

/**
 * Executes a policy's plans, one plan and one update an iteration. Of several rewards, each one's gradient norm in the
 * pictures and the cosines between them go into the metrics.
 */
export const createPlanIterations = (policy: GradientPolicy, setup: EstimatorSetup): Estimator => {
  const { table } = setup;
  const rewards = differentiableRewards(setup.rewards);
  const names = rewards.map(({ name }) => name);
  const estimator = createPlanEstimator(setup, rewards);
  const parts = rewards.length > 1 ? createRewardParts(setup.runtime, rewards) : undefined;
  const norms = parts && setup.normaliseRewards ? createRunningNorms(names) : undefined;

  /** Gradient, scores, and the products of the rewards' own gradients, of one group. */
  const estimate = async (plan: Plan, group: SampleGroup, { adapters, sampling }: Current) => {
    const context = await group.context();
    const noise = group.noise('initial');
    const latents = tf.mul(noise, table.initialNoiseScale) as Tensor4D;
    const prepared = await prepareRewards(rewards, group.rewardContext);
    const factors = norms?.factors() ?? {};
    const result = await estimator.estimate({
      plan,
      adapters: adapters(),
      sampling: sampling(),
      latents,
      context,
      noise: (t) => group.noise('step', t),
      copyNoise: (i) => group.noise('copy', i),
      prepared: { ...prepared, ...factors },
    });
    const products = await parts?.products(result.images, prepared);
    tf.dispose([context, noise, latents, prepared, factors]);
    const scores = Object.entries(result.scores).map(([name, score]): [string, ArrayLike<number>] => [
      name,
      score.dataSync(),
    ]);
    tf.dispose([...Object.values(result.scores), result.images, result.latents, result.latentGradient]);
    return { gradients: result.gradients, scores: Object.fromEntries(scores), products };
  };

  /** The norms that the first update is made with: those of its first pictures, sampled once more than usual. */
  const measure = async (plan: Plan, group: SampleGroup, current: Current): Promise<void> => {
    const { gradients, products } = await estimate(plan, group, current);
    tf.dispose(gradients);
    if (products === undefined) return;
    norms?.update(partNorms(Float64Array.from(products), names.length, group.prompts.length));
  };

  return {
    async iterate(iteration) {
      const { index, random, groups, judged, update } = iteration;
      const plan = policy.plan({ steps: table.steps.length, random, iteration: index });
      validatePlan(plan);
      const before = norms?.state();
      const gradients: Record<string, Tensor> = {};
      const products = new Float64Array(names.length ** 2);
      const count = groups.reduce((sum, { prompts }) => sum + prompts.length, 0);
      try {
        const [first] = groups;
        if (norms && !norms.known && first) await measure(plan, first, iteration);
        for (const group of groups) {
          const part = await estimate(plan, group, iteration);
          accumulate(gradients, part.gradients);
          if (part.products) addProducts(products, part.products);
          judged(part.scores, group.prompts.length * queriesPerPicture(plan));
        }
        await update(gradients);
        if (parts === undefined) return { plan };
        norms?.update(partNorms(products, names.length, count));
        return { plan, figures: partFigures(products, names, count) };
      } catch (error) {
        if (before) norms?.restore(before);
        throw error;
      } finally {
        tf.dispose(gradients);
      }
    },
    ...(norms ? { state: norms.state, restore: norms.restore } : {}),
    dispose() {
      estimator.dispose();
      parts?.dispose();
    },
  };
};
