import { adapterRecord, adaptersFrom } from '../chain/adapter-record.js';
import { preparedRecord, type WeightedReward } from '../chain/objective.js';
import { accumulate, createPlanEstimator } from '../chain/plan-estimator.js';
import { validatePlan } from '../chain/plan-validation.js';
import { createTextContext } from '../chain/text-context.js';
import type { Adapters, DiffusionModel } from '../contracts/diffusion-model.js';
import type { GradientPolicy, Plan } from '../contracts/gradient-policy.js';
import type { Runtime } from '../contracts/runtime.js';
import type { SamplerTable } from '../contracts/sampler.js';
import { DraftError } from '../errors/draft-error.js';
import { createRandomSource } from '../random/create-random-source.js';
import { type Tensor, type Tensor4D, tf } from '../runtime/tf.js';
import { createAdamw } from './adamw.js';
import { drawNoise, drawPrompts } from './draw-samples.js';
import { clippingFactor, gradientNorm } from './gradient-norm.js';
import { type LearningRateOptions, learningRateAt } from './learning-rate.js';
import { requireTrainable } from './require-trainable.js';
import { readState, type TrainerState, writeState } from './trainer-state.js';

/** What a trainer needs. It owns the adapters from then on; model, rewards and runtime stay the caller's. */
export interface TrainerOptions {
  readonly runtime: Runtime;
  readonly model: DiffusionModel;
  readonly table: SamplerTable;
  readonly policy: GradientPolicy;
  readonly rewards: readonly WeightedReward[];
  readonly adapters: Adapters;
  readonly prompts: readonly string[];
  /** Image size in pixels. */
  readonly height: number;
  readonly width: number;
  readonly guidance: number;
  /** Pictures whose gradients make one batch. */
  readonly batch: number;
  /** Pictures that are computed at once. @default batch */
  readonly microBatch?: number;
  /** Batches whose gradients are averaged into one update. @default 1 */
  readonly accumulate?: number;
  readonly learningRate: LearningRateOptions;
  readonly weightDecay?: number;
  /** Largest norm of the gradient; 0 does not clip. @default 1 */
  readonly clip?: number;
  readonly seed: number;
}

/** One line of a run's metrics. */
export interface IterationReport {
  /** Updates so far, this one included. */
  readonly iteration: number;
  /** Images judged so far, in all iterations. */
  readonly rewardQueries: number;
  /** Mean weighted sum of the rewards, of the pictures before this update. */
  readonly reward: number;
  /** Mean of each reward, without its weight. */
  readonly rewards: Readonly<Record<string, number>>;
  /** Norm of the mean gradient before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly seconds: number;
  readonly plan: Plan;
}

/** Trains a LoRA, one update at a time. */
export interface Trainer {
  /**
   * One update. The same seed gives the same run, however it is split into micro-batches.
   * @throws DraftError `DRAFT_NON_FINITE` where a reward or the gradient is no finite number; nothing was changed.
   */
  iterate(): Promise<IterationReport>;
  /** The adapters as they are now; they stay the trainer's and are valid until the next update. */
  adapters(): Adapters;
  state(): TrainerState;
  /** Goes on from a saved state, to the bit. */
  restore(state: TrainerState): void;
  dispose(): void;
}

const chunks = (from: number, count: number, size: number): number[][] =>
  Array.from({ length: Math.ceil(count / size) }, (_, i) =>
    Array.from({ length: Math.min(size, count - i * size) }, (_, j) => from + i * size + j),
  );

const nonFinite = (what: string, value: number, iteration: number) =>
  new DraftError(
    'DRAFT_NON_FINITE',
    `${what} became ${value} in iteration ${iteration}, so the run stopped before it could harm the LoRA; try a lower learning rate, or other options of the reward.`,
  );

/**
 * Makes a trainer.
 * @throws DraftError as `requireTrainable` does, or where the model cannot make pictures of the size.
 */
export const createTrainer = (options: TrainerOptions): Trainer => {
  const { runtime, model, table, policy, rewards, prompts, batch, guidance } = options;
  requireTrainable(options);
  const structure = options.adapters;
  const shape = model.latentShape(options.height, options.width);
  const random = createRandomSource(options.seed, 'train');
  const perIteration = batch * (options.accumulate ?? 1);
  const text = createTextContext(model, guidance);
  const chain = { runtime, model, table, guidance, adapters: structure };
  const estimator = createPlanEstimator(chain, rewards);
  const optimiser = createAdamw(runtime, { weightDecay: options.weightDecay ?? 0.1 });
  let parameters: Record<string, Tensor> = adapterRecord(structure);
  let iteration = 0;

  /** Gradient sum and scores of some samples. */
  const estimate = async (plan: Plan, samples: readonly number[]) => {
    const chosen = drawPrompts(random, samples, prompts);
    const context = await text.encode(chosen);
    const noise = drawNoise(random, samples, shape, 'initial');
    const latents = tf.mul(noise, table.initialNoiseScale) as Tensor4D;
    const prepared: Record<string, Tensor> = {};
    for (const { name, reward } of rewards) {
      const source = random.child('reward', name, ...samples);
      const own = (await reward.prepare?.({ prompts: chosen, random: source, iteration })) ?? {};
      Object.assign(prepared, preparedRecord(name, own));
    }
    const result = await estimator.estimate({
      plan,
      adapters: adaptersFrom(parameters, structure),
      latents,
      context,
      noise: (t) => drawNoise(random, samples, shape, 'step', t),
      copyNoise: (i) => drawNoise(random, samples, shape, 'copy', i),
      prepared,
    });
    tf.dispose([context, noise, latents, ...Object.values(prepared)]);
    const scores = Object.entries(result.scores).map(([name, score]): [string, number[]] => [
      name,
      Array.from(score.dataSync()),
    ]);
    tf.dispose([...Object.values(result.scores), result.images, result.latentGradient]);
    return { gradients: result.gradients, scores };
  };

  const iterate = async (): Promise<IterationReport> => {
    const started = performance.now();
    const plan = policy.plan({
      steps: table.steps.length,
      random: random.child('plan', iteration),
      iteration,
    });
    validatePlan(plan);
    const gradients: Record<string, Tensor> = {};
    const sums: Record<string, number> = Object.fromEntries(rewards.map(({ name }) => [name, 0]));
    try {
      for (const samples of chunks(iteration * perIteration, perIteration, options.microBatch ?? batch)) {
        const part = await estimate(plan, samples);
        accumulate(gradients, part.gradients);
        for (const [name, scores] of part.scores) {
          const sum = scores.reduce((total, score) => total + score, 0);
          if (!Number.isFinite(sum)) throw nonFinite(`The reward ${name}`, sum, iteration + 1);
          sums[name] = (sums[name] ?? 0) + sum;
        }
      }
      const norm = tf.tidy(() => gradientNorm(gradients).dataSync()[0] as number) / perIteration;
      if (!Number.isFinite(norm)) {
        const names = rewards.map(({ name }) => name).join(' + ');
        throw nonFinite(`The gradient of ${names}`, norm, iteration + 1);
      }
      const learningRate = learningRateAt(iteration, options.learningRate);
      // The reward is maximised, the optimiser minimises.
      const gradientScale = -clippingFactor(norm, options.clip ?? 1) / perIteration;
      const updated = await optimiser.update(parameters, gradients, { learningRate, gradientScale });
      tf.dispose(parameters);
      parameters = updated;
      iteration += 1;
      const means = Object.entries(sums).map(([name, sum]): [string, number] => [name, sum / perIteration]);
      const reward = rewards.reduce(
        (sum, { name, weight }) => sum + weight * ((sums[name] ?? 0) / perIteration),
        0,
      );
      return {
        iteration,
        rewardQueries: iteration * perIteration,
        reward,
        rewards: Object.fromEntries(means),
        gradientNorm: norm,
        learningRate,
        seconds: (performance.now() - started) / 1000,
        plan,
      };
    } finally {
      tf.dispose(gradients);
    }
  };

  return {
    iterate,
    adapters: () => adaptersFrom(parameters, structure),
    state: () => writeState(iteration, parameters, optimiser.state()),
    restore(state) {
      const restored = readState(state, parameters);
      tf.dispose(parameters);
      parameters = restored.parameters;
      optimiser.restore(restored.optimiser);
      tf.dispose(Object.values(restored.optimiser.moments));
      iteration = state.iteration;
    },
    dispose() {
      estimator.dispose();
      optimiser.dispose();
      text.dispose();
      tf.dispose(parameters);
      parameters = {};
    },
  };
};
