import { accumulate, createPlanEstimator } from '../chain/plan-estimator.js';
import { validatePlan } from '../chain/plan-validation.js';
import type { Estimator, EstimatorSetup } from '../contracts/estimator.js';
import type { GradientPolicy } from '../contracts/gradient-policy.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';
import { differentiableRewards } from './differentiable-rewards.js';
import { prepareRewards } from './prepare-rewards.js';

/** Executes a policy's plans, one plan and one update an iteration. */
export const createPlanIterations = (policy: GradientPolicy, setup: EstimatorSetup): Estimator => {
  const { table } = setup;
  const rewards = differentiableRewards(setup.rewards);
  const estimator = createPlanEstimator(setup, rewards);
  return {
    async iterate({ index, random, groups, adapters, judged, update }) {
      const plan = policy.plan({ steps: table.steps.length, random, iteration: index });
      validatePlan(plan);
      const gradients: Record<string, Tensor> = {};
      try {
        for (const group of groups) {
          const context = await group.context();
          const noise = group.noise('initial');
          const latents = tf.mul(noise, table.initialNoiseScale) as Tensor4D;
          const prepared = await prepareRewards(rewards, group.rewardContext);
          const result = await estimator.estimate({
            plan,
            adapters: adapters(),
            latents,
            context,
            noise: (t) => group.noise('step', t),
            copyNoise: (i) => group.noise('copy', i),
            prepared,
          });
          tf.dispose([context, noise, latents, ...Object.values(prepared)]);
          accumulate(gradients, result.gradients);
          const scores = Object.entries(result.scores).map(([name, score]): [string, ArrayLike<number>] => [
            name,
            score.dataSync(),
          ]);
          tf.dispose([...Object.values(result.scores), result.images, result.latents, result.latentGradient]);
          judged(Object.fromEntries(scores));
        }
        await update(gradients);
        return { plan };
      } finally {
        tf.dispose(gradients);
      }
    },
    dispose: () => estimator.dispose(),
  };
};
