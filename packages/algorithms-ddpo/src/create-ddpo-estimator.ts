import {
  type Adapters,
  accumulateGradients,
  adapterRecord,
  createDenoisingChain,
  createPictureScorer,
  DraftError,
  decodePictures,
  type Estimator,
  type EstimatorSetup,
  packCoefficients,
  type RandomSource,
  type SamplingWeights,
  samplingRecord,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import type { DdpoOptions } from './ddpo-options.js';
import { loadHistory, normaliseRewards, type RewardHistory, saveHistory } from './reward-history.js';
import { stochasticTable } from './stochastic-table.js';
import { compileSurrogateGradient } from './surrogate-gradient.js';
import { disposeTrajectory, sampleTrajectory, type Trajectory } from './trajectory.js';

/** `count` of the numbers, without repetition, descending. */
const choose = (numbers: readonly number[], count: number, random: RandomSource): number[] => {
  const left = [...numbers];
  const chosen = Array.from({ length: count }, () => left.splice(random.integer(0, left.length - 1), 1));
  return chosen.flat().sort((a, b) => b - a);
};

/**
 * Makes the estimator of DDPO with importance sampling. An iteration samples a batch, scores it, and follows the clipped
 * policy gradient of each noisy step, as often as there are inner epochs.
 * @see {@link https://arxiv.org/abs/2305.13301}
 */
export const createDdpoEstimator = (options: DdpoOptions, setup: EstimatorSetup): Estimator => {
  const { runtime, model, rewards } = setup;
  const table = stochasticTable(setup.table, options.eta);
  const noisy = table.steps.flatMap(({ c }, index) => (c === 0 ? [] : [table.steps.length - index]));
  const count = options.k === 'all' ? noisy.length : options.k;
  if (noisy.length === 0 || count > noisy.length) {
    throw new DraftError(
      'DRAFT_PLAN_INVALID',
      `The option k of ddpo is ${options.k}, but only ${noisy.length} of the ${table.steps.length} sampling steps add noise, which it learns from.`,
    );
  }
  const chain = createDenoisingChain({ ...setup, table });
  const surrogate = compileSurrogateGradient(setup, options.clipRange);
  const scorer = createPictureScorer(runtime, rewards);
  const decode = runtime.compile('decode', ({ latents }: { latents: Tensor4D }) => ({
    images: decodePictures(model, latents),
  }));
  const prompts = [...new Set(setup.prompts)];
  let history: RewardHistory = new Map();

  const judge = async ({ group, states }: Trajectory) => {
    const { images } = await decode({ latents: states.get(0) as Tensor4D });
    const scores = await scorer.score(images, group.rewardContext);
    images.dispose();
    return scores;
  };

  /** Adds the gradients of one step of a trajectory, and returns its ratios. */
  const learn = async (
    trajectory: Trajectory,
    t: number,
    advantages: Tensor,
    adapters: Adapters,
    sampling: SamplingWeights | undefined,
    gradients: Record<string, Tensor>,
  ): Promise<readonly number[]> => {
    const coefficients = packCoefficients(chain.step(t));
    const known = trajectory.old.get(t);
    const { logProbability, ratio, ...more } = await surrogate({
      latents: trajectory.states.get(t) as Tensor4D,
      next: trajectory.states.get(t - 1) as Tensor4D,
      context: trajectory.context,
      advantages,
      coefficients,
      ...adapterRecord(adapters),
      ...samplingRecord(sampling),
      ...(known ? { old: known } : {}),
    });
    if (known) logProbability?.dispose();
    else trajectory.old.set(t, logProbability as Tensor);
    accumulateGradients(gradients, more);
    const ratios = Array.from((ratio as Tensor).dataSync());
    tf.dispose([coefficients, ratio as Tensor]);
    return ratios;
  };

  return {
    async iterate({ random, groups, adapters, sampling, judged, update }) {
      const steps = choose(noisy, count, random.child('steps'));
      const trajectories: Trajectory[] = [];
      const weights: Tensor[] = [];
      let gradients: Record<string, Tensor> = {};
      try {
        const drawn: string[] = [];
        const totals: number[] = [];
        for (const group of groups) {
          const trajectory = await sampleTrajectory(
            chain,
            table,
            group,
            adapters(),
            new Set(steps),
            sampling(),
          );
          trajectories.push(trajectory);
          const scores = await judge(trajectory);
          judged(scores);
          drawn.push(...group.prompts);
          totals.push(
            ...group.prompts.map((_, i) =>
              rewards.reduce((sum, { name, weight }) => sum + weight * (scores[name]?.[i] as number), 0),
            ),
          );
        }
        const normalised = normaliseRewards(history, drawn, totals, options);
        let from = 0;
        for (const { group } of trajectories) {
          const own = normalised.advantages.slice(from, from + group.prompts.length);
          from += own.length;
          // The mean over steps, as the authors take it.
          weights.push(tf.tensor1d(own.map((advantage) => advantage / steps.length)));
        }
        const ratios: number[] = [];
        for (let epoch = 0; epoch < options.innerEpochs; epoch++) {
          for (const [i, trajectory] of trajectories.entries()) {
            for (const t of steps) {
              const advantages = weights[i] as Tensor;
              ratios.push(...(await learn(trajectory, t, advantages, adapters(), sampling(), gradients)));
            }
          }
          await update(gradients);
          tf.dispose(gradients);
          gradients = {};
        }
        history = normalised.history;
        const outside = ratios.filter((ratio) => Math.abs(ratio - 1) > options.clipRange).length;
        return { figures: { clipped: outside / ratios.length } };
      } finally {
        for (const trajectory of trajectories) disposeTrajectory(trajectory);
        tf.dispose([weights, gradients]);
      }
    },
    state: () => saveHistory(history, prompts, options.bufferSize),
    restore(saved) {
      history = loadHistory(saved, prompts, options.bufferSize);
    },
    dispose() {
      chain.dispose();
      surrogate.dispose();
      scorer.dispose();
      decode.dispose();
    },
  };
};
