import {
  accumulateGradients,
  adapterRecord,
  createAdamw,
  createDenoisingChain,
  createPictureScorer,
  decodePictures,
  differentiableRewards,
  type Estimator,
  type EstimatorSetup,
  loadTensors,
  packCoefficients,
  type RandomSource,
  type SavedNumbers,
  samplingRecord,
  saveTensors,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createCritics } from './critic.js';
import { compileCriticGradient } from './critic-gradient.js';
import type { DpgOptions } from './dpg-options.js';
import { disposeKept, type KeptSteps, sampleAndKeep } from './kept-steps.js';
import { compilePolicyGradient } from './policy-gradient.js';

/** The options for a chain of `steps` steps. */
export const stepsToLearn = ({ k }: DpgOptions, steps: number): number =>
  k ?? Math.max(1, Math.round(0.1 * steps));

/** `count` of the steps `1..steps`, without repetition, descending. */
const choose = (steps: number, count: number, random: RandomSource): number[] => {
  const left = Array.from({ length: steps }, (_, index) => index + 1);
  const chosen = Array.from({ length: count }, () => left.splice(random.integer(0, left.length - 1), 1));
  return chosen.flat().sort((a, b) => b - a);
};

/**
 * Makes the estimator of DPG. An iteration samples a batch and scores it; the critics learn to foresee those scores from
 * the one-step predictions at K random steps; then the model follows the critics' gradient at the same steps.
 */
export const createDpgEstimator = (options: DpgOptions, setup: EstimatorSetup): Estimator => {
  const { runtime, model, table } = setup;
  const rewards = differentiableRewards(setup.rewards);
  const steps = table.steps.length;
  const critics = createCritics({
    rewards,
    steps,
    rank: options.criticRank,
    height: setup.height,
    width: setup.width,
    random: setup.random,
  });
  let parameters = critics.start();
  const names = Object.keys(parameters);
  const optimiser = createAdamw(runtime, { weightDecay: 0 });
  const chain = createDenoisingChain(setup);
  const scorer = createPictureScorer(runtime, rewards);
  const criticGradient = compileCriticGradient(runtime, critics, names);
  const policyGradient = compilePolicyGradient(setup, rewards, critics);
  const decode = runtime.compile('decode', ({ latents }: { latents: Tensor4D }) => ({
    images: decodePictures(model, latents),
  }));
  const stepVector = (t: number) =>
    tf.tensor1d(Array.from({ length: steps }, (_, i) => (i + 1 === t ? 1 : 0)));

  /** One update of the critics; the parameters of before stay where `keep` says that they are still needed. */
  const trainCritics = async (
    kept: readonly KeptSteps[],
    targets: readonly Readonly<Record<string, Tensor>>[],
    keep: Record<string, Tensor>,
  ): Promise<number> => {
    const gradients: Record<string, Tensor> = {};
    let [total, count] = [0, 0];
    try {
      for (const [i, group] of kept.entries()) {
        for (const [t, { clean }] of group.steps) {
          const { images } = await decode({ latents: clean });
          const step = stepVector(t);
          const { loss, ...more } = await criticGradient({
            images,
            step,
            ...group.prepared,
            ...parameters,
            ...targets[i],
          });
          accumulateGradients(gradients, more);
          total += (loss as Tensor).dataSync()[0] as number;
          count += clean.shape[0];
          tf.dispose([images, step, loss as Tensor]);
        }
      }
      const numbers = { learningRate: options.criticLearningRate, gradientScale: 1 / count };
      const updated = await optimiser.update(parameters, gradients, numbers);
      if (parameters !== keep) tf.dispose(parameters);
      parameters = updated;
      return total / count;
    } finally {
      tf.dispose(gradients);
    }
  };

  return {
    async iterate({ random, groups, adapters, sampling, judged, update }) {
      const learn = choose(steps, stepsToLearn(options, steps), random.child('steps'));
      const before = parameters;
      const kept: KeptSteps[] = [];
      const targets: Record<string, Tensor>[] = [];
      const gradients: Record<string, Tensor> = {};
      optimiser.mark();
      try {
        for (const group of groups) {
          const own = await sampleAndKeep(
            chain,
            table,
            group,
            rewards,
            adapters(),
            new Set(learn),
            sampling(),
          );
          kept.push(own);
          const { images } = await decode({ latents: own.finished });
          const scores = await scorer.score(images, group.rewardContext);
          images.dispose();
          judged(scores);
          targets.push(
            Object.fromEntries(
              Object.entries(scores).map(([name, score]) => [`target.${name}`, tf.tensor1d([...score])]),
            ),
          );
        }
        let loss = 0;
        for (let i = 0; i < options.criticUpdates; i++) loss = await trainCritics(kept, targets, before);
        for (const group of kept) {
          for (const [t, { latents }] of group.steps) {
            const coefficients = packCoefficients(chain.step(t));
            const step = stepVector(t);
            const more = await policyGradient({
              latents,
              context: group.context,
              coefficients,
              step,
              ...group.prepared,
              ...parameters,
              ...adapterRecord(adapters()),
              ...samplingRecord(sampling()),
            });
            tf.dispose([coefficients, step]);
            accumulateGradients(gradients, more);
          }
        }
        const mean = tf.tidy(() =>
          Object.fromEntries(
            Object.entries(gradients).map(([name, gradient]) => [name, tf.div(gradient, learn.length)]),
          ),
        );
        try {
          await update(mean);
        } finally {
          tf.dispose(mean);
        }
        if (parameters !== before) tf.dispose(before);
        optimiser.mark();
        return { figures: { criticLoss: loss } };
      } catch (error) {
        if (parameters !== before) tf.dispose(parameters);
        parameters = before;
        optimiser.rollback();
        throw error;
      } finally {
        for (const each of kept) disposeKept(each);
        tf.dispose([gradients, targets]);
      }
    },
    state: (): SavedNumbers => {
      const { step, moments } = optimiser.state();
      const updates = { shape: [1], data: Float32Array.of(step) };
      return { ...saveTensors(parameters), ...saveTensors(moments), updates };
    },
    restore(saved) {
      const only = (wanted: (name: string) => boolean): SavedNumbers =>
        Object.fromEntries(Object.entries(saved).filter(([name]) => wanted(name)));
      const moments = loadTensors(only((name) => /^(first|second)\./.test(name)));
      optimiser.restore({ step: saved.updates?.data[0] ?? 0, moments });
      tf.dispose(moments);
      tf.dispose(parameters);
      parameters = loadTensors(only((name) => names.includes(name)));
    },
    dispose() {
      for (const each of [chain, scorer, criticGradient, policyGradient, decode, optimiser]) each.dispose();
      tf.dispose(parameters);
      parameters = {};
    },
  };
};
