import type { Adapters } from '../contracts/diffusion-model.js';
import type { Plan } from '../contracts/gradient-policy.js';
import type { BegunCall, HalvedFunction } from '../contracts/halved-function.js';
import type { CompiledFunction, TensorRecord } from '../contracts/runtime.js';
import type { SamplingWeights } from '../contracts/sampling-weights.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor, type Tensor1D, type Tensor3D, type Tensor4D, tf } from '../runtime/tf.js';
import { samplingRecord } from '../sampling/sampling-record.js';
import { adapterRecord } from './adapter-record.js';
import { type Cotangent, disposeCotangent, noiseCotangent, previousCotangent } from './adjoint.js';
import { createHold } from './base-penalty.js';
import { type ChainOptions, type ChainState, createDenoisingChain } from './denoising-chain.js';
import { compileFinalGradient, type FinalStep } from './final-gradient.js';
import type { WeightedReward } from './objective.js';
import { compilePixelGradient, frozenPixels } from './pixel-gradient.js';
import { packCoefficients } from './step-coefficients.js';
import { compileKeptStep, compileStepGradient, type StepGradientKind } from './step-gradient.js';
import { isParameter } from './trained-names.js';

/** One micro-batch of samples to estimate a gradient from. All tensors stay the caller's. */
export interface EstimateInputs {
  readonly plan: Plan;
  /** The current values of the adapters. */
  readonly adapters: Adapters;
  /** What guides sampling, where that is learnt. */
  readonly sampling?: SamplingWeights | undefined;
  /** `x_T`, `[n, h, w, c]`, already scaled by the table's `initialNoiseScale`. */
  readonly latents: Tensor4D;
  /** Text states, `[2n, tokens, width]`, unconditional half first; `[n, …]` at guidance 1. */
  readonly context: Tensor3D;
  /** Fresh noise `z` of step `t`, owned by the callee; asked for only where the table adds noise. */
  readonly noise: (t: number) => Tensor4D;
  /** Fresh noise of DRaFT-LV's copy `i`, owned by the callee. */
  readonly copyNoise: (i: number) => Tensor4D;
  /** What the rewards prepared for this batch, by `prepared.<reward>.<name>`. */
  readonly prepared: TensorRecord;
  /**
   * Called with what each trained step of the chain adds to the gradient, from the last step on; the tensors are valid
   * during the call only. With the state cut in front of step K, the gradient is what the steps up to K add, so that
   * one walk over the whole chain shows DRaFT-K for every K.
   */
  readonly contribution?: (t: number, gradients: TensorRecord) => void;
}

/** The gradient of `Σ_i Σ_r weight_r · score_r(image_i)`, not yet divided by the batch. Owned by the caller. */
export interface Estimate {
  /** By the names of `adapterRecord` and `samplingRecord`. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  /** `[n]` per reward. */
  readonly scores: Readonly<Record<string, Tensor1D>>;
  readonly images: Tensor4D;
  /** What is decoded, `[n, h, w, c]`. */
  readonly latents: Tensor4D;
  /** The gradient in `latents`. */
  readonly latentGradient: Tensor4D;
}

/** Executes plans: samples, scores, and walks back along the trained steps. */
export interface PlanEstimator {
  estimate(inputs: EstimateInputs): Promise<Estimate>;
  dispose(): void;
}

/** Adds one set of gradients to another, disposing of what is replaced. */
export const accumulate = (sum: Record<string, Tensor>, more: TensorRecord): void => {
  for (const [name, gradient] of Object.entries(more)) {
    const before = sum[name];
    if (!before) {
      sum[name] = gradient;
      continue;
    }
    sum[name] = tf.add(before, gradient);
    before.dispose();
    gradient.dispose();
  }
};

const split = (record: TensorRecord, isGradient: (name: string) => boolean) => {
  const entries = Object.entries(record);
  return {
    gradients: Object.fromEntries(entries.filter(([name]) => isGradient(name))),
    rest: Object.fromEntries(entries.filter(([name]) => !isGradient(name))),
  };
};

/** Builds the executor of plans for one chain and one objective. */
export const createPlanEstimator = (
  options: ChainOptions,
  rewards: readonly WeightedReward[],
): PlanEstimator => {
  const chain = createDenoisingChain(options);
  const compiled = new Map<string, CompiledFunction<TensorRecord, TensorRecord>>();
  const once = (key: string, make: () => CompiledFunction<TensorRecord, TensorRecord>) => {
    const known = compiled.get(key) ?? make();
    compiled.set(key, known);
    return known;
  };
  const holdOf = createHold(options);
  const finalGradient = (final: FinalStep, live: boolean, frozen: boolean) =>
    once(`final ${final} ${live} ${frozen}`, () =>
      compileFinalGradient(options, frozen ? [frozenPixels] : rewards, final, live),
    );
  const pixelGradient = () => once('pixels', () => compilePixelGradient(options.runtime, rewards));
  const stepGradient = (kind: StepGradientKind) =>
    once(`step ${kind.parameters} ${kind.input}`, () => compileStepGradient(options, kind));
  const halved = new Map<string, HalvedFunction | undefined>();
  const keptStep = (kind: StepGradientKind) => {
    const key = `${kind.parameters} ${kind.input}`;
    if (!halved.has(key)) halved.set(key, compileKeptStep(options, kind));
    return halved.get(key);
  };
  const addsNoise = (t: number) => chain.step(t).c !== 0;

  /** Takes a step and keeps what it computed; the gradients are to come. */
  const begin = async (
    inputs: EstimateInputs,
    t: number,
    state: ChainState,
    kind: StepGradientKind,
    noise?: Tensor4D,
  ) => {
    const step = keptStep(kind);
    if (!step) return undefined;
    const coefficients = packCoefficients(chain.step(t));
    const hold = kind.parameters ? holdOf(t) : {};
    const begun = await step.begin({
      ...{ latents: state.latents, previous: state.clean, context: inputs.context, coefficients },
      ...hold,
      ...adapterRecord(inputs.adapters),
      ...samplingRecord(inputs.sampling),
      ...(noise ? { noise } : {}),
    });
    tf.dispose([coefficients, ...Object.values(hold)]);
    return begun;
  };

  /**
   * Runs the chain down to the last step, keeping what gradients start from: of some steps what they computed, of the others the
   * state in front of them.
   */
  const sample = async (
    inputs: EstimateInputs,
    last: number,
    keep: (t: number) => 'nothing' | 'state' | StepGradientKind,
  ) => {
    const kept = new Map<number, Tensor4D>();
    const begun = new Map<number, BegunCall>();
    const { context, adapters, sampling } = inputs;
    let state: ChainState = { latents: inputs.latents.clone(), clean: tf.zerosLike(inputs.latents) };
    for (let t = chain.steps; t > last; t--) {
      const noise = addsNoise(t) ? inputs.noise(t) : undefined;
      const kind = keep(t);
      const next = await inPhase('sampling', `step ${t}`, async () => {
        const call = typeof kind === 'string' ? undefined : await begin(inputs, t, state, kind, noise);
        if (!call) return chain.denoise(t, state, context, adapters, noise, sampling);
        begun.set(t, call);
        return call.results as unknown as ChainState;
      });
      noise?.dispose();
      state.clean.dispose();
      if (kind !== 'nothing' && !begun.has(t)) kept.set(t, state.latents);
      else state.latents.dispose();
      state = next;
    }
    return { state, kept, begun };
  };

  /** The taped call at the end of the chain, from the state in front of step `t`. */
  const finish = async (
    inputs: EstimateInputs,
    t: number,
    state: ChainState,
    final: FinalStep,
    live: boolean,
    held: boolean,
    noise: Tensor4D | undefined,
    frozen = false,
  ) => {
    const coefficients = packCoefficients(chain.step(t));
    const parameters = { ...adapterRecord(inputs.adapters), ...samplingRecord(inputs.sampling) };
    const hold = held ? holdOf(t) : {};
    const step = { coefficients, previous: state.clean, context: inputs.context, ...parameters, ...hold };
    const call = finalGradient(final, live, frozen);
    const result = await inPhase('end of the chain, picture and reward', undefined, () =>
      call({
        latents: state.latents,
        ...inputs.prepared,
        ...(final === 'none' ? {} : step),
        ...(noise && final === 'step' ? { noise } : {}),
      }),
    );
    tf.dispose([coefficients, ...Object.values(hold)]);
    return split(result, isParameter);
  };

  /**
   * DRaFT-LV: noises the finished latents to the last step's level, `x = (x̂₀ − q·z) / p`, runs that step again, and
   * adds the gradients.
   */
  const addCopies = async (
    inputs: EstimateInputs,
    { finished, images }: { readonly finished: Tensor4D; readonly images: Tensor4D },
    gradients: Record<string, Tensor>,
  ) => {
    const { copies, stop, singleReward = false } = inputs.plan;
    if (copies === 0) return;
    const last = Math.max(stop, 1);
    const { p, q } = chain.step(last);
    const frozen = singleReward ? await pixelGradient()({ images, ...inputs.prepared }) : undefined;
    const again = frozen ? { ...inputs, prepared: frozen } : inputs;
    for (let i = 0; i < copies; i++) {
      const z = inputs.copyNoise(i);
      const latents = tf.tidy(() => tf.div(tf.sub(finished, tf.mul(q, z)), p)) as Tensor4D;
      const state = { latents, clean: tf.zerosLike(latents) };
      const final = stop > 0 ? 'prediction' : 'step';
      const { gradients: more, rest } = await finish(
        again,
        last,
        state,
        final,
        false,
        // The step that the copies take again is held once.
        false,
        undefined,
        singleReward,
      );
      accumulate(gradients, more);
      tf.dispose([z, state.latents, state.clean, ...Object.values(rest)]);
    }
    tf.dispose(Object.values(frozen ?? {}));
  };

  const estimate = async (inputs: EstimateInputs): Promise<Estimate> => {
    const { plan } = inputs;
    const trains = new Set(plan.train);
    const earliest = Math.max(...plan.train);
    const last = Math.max(plan.stop, 1);
    const live = !plan.detachInput;
    const cut = plan.cutState ?? chain.steps;
    const reach = Math.min(earliest, cut);
    const kindOf = (t: number): StepGradientKind => ({ parameters: trains.has(t), input: live && t < reach });
    // Of the steps that a gradient passes, those that the walk back meets first keep what they computed.
    const passed = Array.from({ length: reach - last }, (_, i) => last + 1 + i).filter((t) => {
      const { parameters, input } = kindOf(t);
      return parameters || input;
    });
    const keepAll = new Set(passed.slice(0, options.keptSteps ?? 0));
    const { state, kept, begun } = await sample(inputs, last, (t) => {
      if (keepAll.has(t)) return kindOf(t);
      return passed.includes(t) ? 'state' : 'nothing';
    });
    const noise = addsNoise(last) && plan.stop === 0 ? inputs.noise(last) : undefined;
    const liveEnd = live && last < reach;
    const onTape = liveEnd || trains.has(last);
    const final: FinalStep = onTape ? (plan.stop > 0 ? 'prediction' : 'step') : 'none';
    let end = state;
    if (!onTape) {
      const { context, adapters, sampling } = inputs;
      const next = await inPhase('sampling', `step ${last}`, () =>
        chain.denoise(last, state, context, adapters, noise, sampling),
      );
      tf.dispose([state.latents, state.clean]);
      end = plan.stop > 0 ? { latents: next.clean, clean: next.latents } : next;
    }
    const { gradients: first, rest } = await finish(
      inputs,
      last,
      end,
      final,
      liveEnd,
      trains.has(last),
      noise,
    );
    noise?.dispose();
    const gradients: Record<string, Tensor> = {};
    if (trains.has(last)) {
      inputs.contribution?.(last, first);
      accumulate(gradients, first);
    } else tf.dispose(first);

    // Back through the steps before the last one, paper numbering upwards.
    const result = rest.result as Tensor4D;
    const atEnd: Cotangent = plan.stop > 0 ? { state: null, clean: result } : { state: result, clean: null };
    let cotangent = previousCotangent(chain.step(last), atEnd, rest.input as Tensor4D | undefined);
    rest.input?.dispose();
    for (let t = last + 1; t <= reach; t++) {
      const step = chain.step(t);
      const kind = kindOf(t);
      const onNoise = kind.parameters || kind.input ? noiseCotangent(step, cotangent) : null;
      let through: Tensor | undefined;
      if (onNoise) {
        const coefficients = packCoefficients(step);
        const hold = kind.parameters ? holdOf(t) : {};
        const product = await inPhase(
          'gradient of a step',
          `step ${t}`,
          () =>
            begun.get(t)?.finish({ cotangent: onNoise }) ??
            stepGradient(kind)({
              latents: kept.get(t) as Tensor4D,
              context: inputs.context,
              cotangent: onNoise,
              coefficients,
              ...hold,
              ...adapterRecord(inputs.adapters),
              ...samplingRecord(inputs.sampling),
            }),
        );
        tf.dispose([coefficients, onNoise, ...Object.values(hold)]);
        const parts = split(product, isParameter);
        if (kind.parameters) inputs.contribution?.(t, parts.gradients);
        accumulate(gradients, parts.gradients);
        through = parts.rest.input;
      }
      const before = cotangent;
      cotangent = previousCotangent(step, before, through as Tensor4D | undefined);
      disposeCotangent(before);
      through?.dispose();
    }
    disposeCotangent(cotangent);
    tf.dispose([...kept.values()]);

    const latents = rest.finished as Tensor4D;
    const images = rest.images as Tensor4D;
    await addCopies(inputs, { finished: latents, images }, gradients);
    tf.dispose([end.latents, end.clean]);
    const scores = Object.fromEntries(
      Object.entries(rest)
        .filter(([name]) => name.startsWith('score.'))
        .map(([name, score]) => [name.slice('score.'.length), score as Tensor1D]),
    );
    return { gradients, scores, images, latents, latentGradient: result };
  };

  return {
    estimate,
    dispose() {
      chain.dispose();
      for (const each of [...compiled.values(), ...halved.values()]) each?.dispose();
    },
  };
};
