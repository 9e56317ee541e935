import {
  adapterRecord,
  clippingFactor,
  createAdamw,
  createGenerator,
  createPlanEstimator,
  createTextContext,
  gradientNorm,
  type NoiseSchedule,
  type Plan,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { createSymmetry } from '@draft/reward-symmetry';
import { ddimTable } from '@draft/sampler-ddim';
import type { Setup } from '../setup.js';
import { norm } from './norm.js';
import { openModel } from './open-model.js';
import type { Work } from './work.js';

const tableOf = (setup: Setup, schedule: NoiseSchedule) =>
  ddimTable(setup.steps, schedule, { eta: 0, spacing: schedule.timestepSpacing ?? 'leading' });

const noFreshNoise = (): Tensor4D => {
  throw new Error('DDIM with η = 0 adds no noise');
};

/** Text, all steps, and decoding. */
export const sampling: Work = async (setup, runtime) => {
  const { model, adapters, latents } = await openModel(setup, runtime);
  const generator = createGenerator({
    runtime,
    model,
    table: tableOf(setup, model.schedule),
    guidance: setup.guidance,
    adapters,
  });
  return async () => {
    const result = await generator.generate({
      prompts: setup.prompts,
      noise: latents,
      stepNoise: noFreshNoise,
      adapters,
    });
    const values = { latents: norm([result.latents]), images: norm([result.images]) };
    tf.dispose([result.latents, result.images]);
    return values;
  };
};

/** A whole training iteration on symmetry: text, sampling, reward, gradient, clipping, AdamW. The LoRA stays as it was. */
export const iteration: Work = async (setup, runtime) => {
  const { model, adapters, latents } = await openModel(setup, runtime);
  const rewards = [{ name: 'symmetry', weight: 1, reward: createSymmetry({ axis: 'left-right' }) }];
  const estimator = createPlanEstimator(
    {
      ...{ runtime, model, table: tableOf(setup, model.schedule), guidance: setup.guidance, adapters },
      keptSteps: setup.train.length,
    },
    rewards,
  );
  const plan: Plan = {
    steps: setup.steps,
    train: setup.train,
    stop: 0,
    detachInput: setup.detach,
    cutState: setup.detach ? null : Math.max(...setup.train),
    copies: 0,
  };
  const text = createTextContext(model, setup.guidance);
  const optimiser = createAdamw(runtime);
  const count = setup.prompts.length;
  return async () => {
    const context = await text.encode(setup.prompts);
    const estimate = await estimator.estimate({
      plan,
      adapters,
      latents,
      context,
      noise: noFreshNoise,
      copyNoise: noFreshNoise,
      prepared: {},
    });
    const length = tf.tidy(() => gradientNorm(estimate.gradients).dataSync()[0] as number) / count;
    const updated = await optimiser.update(adapterRecord(adapters), estimate.gradients, {
      learningRate: setup.learningRate,
      gradientScale: -clippingFactor(length, 1) / count,
    });
    const scores = estimate.scores.symmetry as Tensor;
    const values = {
      reward: tf.tidy(() => tf.mean(scores).dataSync()[0] as number),
      gradient: length,
    };
    const { gradients, scores: all, ...rest } = estimate;
    tf.dispose([context, updated, gradients, all, rest] as never);
    return values;
  };
};
