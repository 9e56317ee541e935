import { createTextContext, type TextContext } from '../chain/text-context.js';
import { drawsPlans, needsRewardGradients } from '../contracts/algorithm.js';
import type { Adapters } from '../contracts/diffusion-model.js';
import type { Estimator, EstimatorSetup } from '../contracts/estimator.js';
import type { RandomSource } from '../contracts/random-source.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { requireTrainableParts } from '../contracts/trained-parts.js';
import { createRandomSource } from '../random/create-random-source.js';
import { tf } from '../runtime/tf.js';
import { differentiableRewards } from './differentiable-rewards.js';
import type { IterationReport } from './iteration-report.js';
import { createTally } from './iteration-tally.js';
import { learningRateAt } from './learning-rate.js';
import { drawLoraDropout } from './lora-dropout.js';
import { createMovingAverage } from './moving-average.js';
import { nonFinite } from './non-finite.js';
import { createParameterUpdates } from './parameter-updates.js';
import { createPlanIterations } from './plan-iterations.js';
import { requirePresentParts } from './require-parts.js';
import { requireTrainable } from './require-trainable.js';
import { createSampleGroup, type SampleSource } from './sample-group.js';
import type { TrainerOptions } from './trainer-options.js';
import { createTrainerParameters } from './trainer-parameters.js';
import { readState, type TrainerState, writeState } from './trainer-state.js';

/** Trains a LoRA, and what guides sampling, one iteration at a time. */
export interface Trainer {
  /**
   * One iteration: a batch of pictures and what is learnt from it. The same seed gives the same run, however it is split into micro-batches.
   * @throws DraftError `DRAFT_NON_FINITE` where a reward or the gradient is no finite number; nothing was changed.
   */
  iterate(): Promise<IterationReport>;
  /** The adapters as they are now; they stay the trainer's and are valid until the next update. */
  adapters(): Adapters;
  /** What guides sampling as it is now, in the same way; undefined where nothing was learnt of it. */
  sampling(): SamplingWeights | undefined;
  /** The moving average of the adapters, in the same way; undefined where none is kept. */
  averaged(): Adapters | undefined;
  /** The moving average of what guides sampling; undefined where none is kept, or nothing was learnt of it. */
  averagedSampling(): SamplingWeights | undefined;
  state(): TrainerState;
  /** Goes on from a saved state, to the bit. */
  restore(state: TrainerState): void;
  dispose(): void;
}

const chunks = (from: number, count: number, size: number): number[][] =>
  Array.from({ length: Math.ceil(count / size) }, (_, i) =>
    Array.from({ length: Math.min(size, count - i * size) }, (_, j) => from + i * size + j),
  );

const requireConsistent = (options: TrainerOptions): void => {
  const { algorithm, rewards, guidance, adapters, sampling, train = ['lora'] } = options;
  requireTrainable(options);
  requireTrainableParts(train, { algorithm, name: 'The algorithm of this trainer', guidance });
  requirePresentParts(train, adapters, sampling);
  if (needsRewardGradients(algorithm)) differentiableRewards(rewards);
};

const createEstimator = (options: TrainerOptions, random: RandomSource): Estimator => {
  const { runtime, model, table, guidance, adapters, rewards, prompts, height, width, algorithm } = options;
  const setup: EstimatorSetup = {
    ...{ runtime, model, table, guidance, adapters, rewards, prompts, height, width, random },
    normaliseRewards: options.normaliseRewards ?? false,
    basePenalty: options.basePenalty ?? 0,
    klPenalty: options.klPenalty ?? 0,
    keptSteps: options.keptSteps ?? 0,
    train: options.train ?? ['lora'],
  };
  return drawsPlans(algorithm) ? createPlanIterations(algorithm, setup) : algorithm.createEstimator(setup);
};

/** Text states, with those of the unconditional prompt also where guidance is learnt and is 1 at the start. */
const createText = ({ model, guidance, sampling }: TrainerOptions): TextContext => {
  const context = createTextContext(model, guidance);
  const guided = guidance !== 1 || sampling?.guidance !== undefined;
  return { ...context, encode: (prompts) => context.encode(prompts, guided) };
};

/**
 * Makes a trainer.
 * @throws DraftError as `requireTrainable` does, where a reward lacks a gradient that the algorithm needs, or where
 * the model cannot make pictures of the size.
 */
export const createTrainer = (options: TrainerOptions): Trainer => {
  requireConsistent(options);
  const { model, rewards, prompts, batch } = options;
  const shape = model.latentShape(options.height, options.width);
  const perIteration = batch * (options.accumulate ?? 1);
  const random = createRandomSource(options.seed, 'train');
  const estimator = createEstimator(options, random.child('algorithm'));
  const text = createText(options);
  const source: SampleSource = { random, prompts, text, shape };
  const parameters = createTrainerParameters(options.adapters, options.sampling, options.train ?? ['lora']);
  const updates = createParameterUpdates(options.runtime, parameters, {
    pictures: perIteration,
    weightDecay: options.weightDecay ?? 0.1,
    clip: options.clip ?? 1,
  });
  const average = options.ema
    ? createMovingAverage(options.runtime, options.ema, parameters.learnt())
    : undefined;
  let iteration = 0;
  let queries = 0;

  const nextGroups = () =>
    chunks(iteration * perIteration, perIteration, options.microBatch ?? batch).map((samples) =>
      createSampleGroup(source, samples, iteration),
    );

  const requireFinite = (norm: number): void => {
    if (Number.isFinite(norm)) return;
    const names = rewards.map(({ name }) => name).join(' + ');
    throw nonFinite(`The gradient of ${names}`, norm, iteration + 1);
  };

  const iterate = async (): Promise<IterationReport> => {
    const started = performance.now();
    const learningRate = learningRateAt(iteration, options.learningRate);
    const tally = createTally(rewards, iteration + 1);
    const dropoutRandom = random.child('lora-dropout', iteration);
    const dropout = drawLoraDropout(options.loraDropout ?? 0, dropoutRandom, parameters.learnt());
    updates.begin();
    try {
      const notes = await estimator.iterate({
        index: iteration,
        random: random.child('plan', iteration),
        groups: nextGroups(),
        adapters: () => parameters.adapters(dropout.apply(parameters.learnt())),
        sampling: () => parameters.sampling(),
        judged: tally.judged,
        async update(gradients) {
          tally.updated(await updates.update(dropout.apply(gradients), learningRate, requireFinite));
        },
      });
      updates.commit();
      iteration += 1;
      queries += tally.queries();
      await average?.update(parameters.learnt(), iteration);
      const seconds = (performance.now() - started) / 1000;
      return { iteration, rewardQueries: queries, ...tally.means(), learningRate, seconds, ...notes };
    } catch (error) {
      // Nothing of an iteration that fails stays.
      updates.rollback();
      throw error;
    } finally {
      dropout.dispose();
    }
  };

  return {
    iterate,
    adapters: () => parameters.adapters(),
    sampling: () => parameters.sampling(),
    averaged: () => average && parameters.adapters(average.values()),
    averagedSampling: () => average && parameters.sampling(average.values()),
    state() {
      const own = estimator.state?.() ?? {};
      const { tensors } = writeState({ iteration, queries }, parameters.all(), updates.state(), own);
      return { iteration, tensors: { ...tensors, ...average?.state() } };
    },
    restore(state) {
      const restored = readState(state, parameters.all());
      parameters.restore(restored.parameters);
      updates.restore(restored.optimiser);
      tf.dispose(restored.optimiser.moments);
      estimator.restore?.(restored.algorithm);
      average?.restore(state.tensors);
      iteration = state.iteration;
      queries = restored.queries ?? iteration * perIteration;
    },
    dispose() {
      estimator.dispose();
      updates.dispose();
      average?.dispose();
      text.dispose();
      parameters.dispose();
    },
  };
};
