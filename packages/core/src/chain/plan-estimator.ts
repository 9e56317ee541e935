import type { TensorRecord } from '../contracts/runtime.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor, type Tensor1D, type Tensor4D, tf } from '../runtime/tf.js';
import { type Cotangent, previousCotangent } from './adjoint.js';
import { type ChainOptions, type ChainState, createDenoisingChain } from './denoising-chain.js';
import { accumulate, type Estimate, type EstimateInputs } from './estimate.js';
import type { FinalStep } from './final-gradient.js';
import { type Keeping, sampleKeeping } from './kept-chain.js';
import { createNoisyCopies } from './noisy-copies.js';
import type { WeightedReward } from './objective.js';
import type { StepGradientKind } from './step-gradient.js';
import { createTapedCalls } from './taped-calls.js';
import { isParameter } from './trained-names.js';
import { walkBack } from './walk-back.js';

/** Executes plans: samples, scores, and walks back along the trained steps. */
export interface PlanEstimator {
  estimate(inputs: EstimateInputs): Promise<Estimate>;
  dispose(): void;
}

const split = (record: TensorRecord) => {
  const entries = Object.entries(record);
  return {
    gradients: Object.fromEntries(entries.filter(([name]) => isParameter(name))),
    rest: Object.fromEntries(entries.filter(([name]) => !isParameter(name))),
  };
};

const scoresIn = (record: TensorRecord): Readonly<Record<string, Tensor1D>> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name.startsWith('score.'))
      .map(([name, score]) => [name.slice('score.'.length), score as Tensor1D]),
  );

/** Builds the executor of plans for one chain and one objective. */
export const createPlanEstimator = (
  options: ChainOptions,
  rewards: readonly WeightedReward[],
): PlanEstimator => {
  const chain = createDenoisingChain(options);
  const calls = createTapedCalls(options, rewards, chain);
  const noisyCopies = createNoisyCopies(options, rewards, calls, chain.step);

  /** Takes the last step where it is on no tape. */
  const takeLast = async (inputs: EstimateInputs, t: number, state: ChainState, noise?: Tensor4D) => {
    const { plan, context, adapters, sampling } = inputs;
    const next = await inPhase('sampling', `step ${t}`, () =>
      chain.denoise(t, state, context, adapters, noise, sampling),
    );
    tf.dispose([state.latents, state.clean]);
    return plan.stop > 0 ? { latents: next.clean, clean: next.latents } : next;
  };

  const estimate = async (inputs: EstimateInputs): Promise<Estimate> => {
    const { plan, contribution } = inputs;
    const { stop } = plan;
    const trains = new Set(plan.train);
    const last = Math.max(stop, 1);
    const live = !plan.detachInput;
    const reach = Math.min(Math.max(...plan.train), plan.cutState ?? chain.steps);
    const kindOf: Keeping['kindOf'] = (t) => {
      const kind: StepGradientKind = { parameters: trains.has(t), input: live && t < reach };
      return t <= reach && (kind.parameters || kind.input) ? kind : undefined;
    };
    // Of the steps that a gradient passes, those that the walk back meets first keep what they computed.
    const passed = Array.from({ length: reach - last }, (_, i) => last + 1 + i).filter(kindOf);
    const keepAll = new Set(passed.slice(0, options.keptSteps ?? 0));
    const keeping = { kindOf, keepsAll: (t: number) => keepAll.has(t) };

    const { state, steps } = await sampleKeeping({ chain, calls }, inputs, last, keeping);
    try {
      const noise = chain.step(last).c !== 0 && stop === 0 ? inputs.noise(last) : undefined;
      const liveEnd = live && last < reach;
      const onTape = liveEnd || trains.has(last);
      const final: FinalStep = !onTape ? 'none' : stop > 0 ? 'prediction' : 'step';
      const end = onTape ? state : await takeLast(inputs, last, state, noise);
      const ending = { final, live: liveEnd, held: trains.has(last) };
      const { gradients: own, rest } = split(await calls.finish(inputs, last, end, ending, noise));
      noise?.dispose();

      const gradients: Record<string, Tensor> = {};
      const add = (t: number, more: TensorRecord) => {
        if (trains.has(t)) contribution?.(t, more);
        accumulate(gradients, more);
      };
      if (trains.has(last)) add(last, own);
      else tf.dispose(own);

      const result = rest.result as Tensor4D;
      const atEnd: Cotangent = stop > 0 ? { state: null, clean: result } : { state: result, clean: null };
      const cotangent = previousCotangent(chain.step(last), atEnd, rest.input as Tensor4D | undefined);
      rest.input?.dispose();
      await walkBack(chain, { cotangent, from: last + 1, to: reach, steps }, add);

      const finished = rest.finished as Tensor4D;
      const images = rest.images as Tensor4D;
      await noisyCopies.add(inputs, last, { finished, images }, gradients);
      tf.dispose([end.latents, end.clean]);
      return { gradients, scores: scoresIn(rest), images, latents: finished, latentGradient: result };
    } finally {
      for (const step of steps.values()) step.discard();
    }
  };

  return {
    estimate,
    dispose() {
      chain.dispose();
      calls.dispose();
      noisyCopies.dispose();
    },
  };
};
