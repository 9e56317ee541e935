import type { BegunCall, HalvedFunction } from '../contracts/halved-function.js';
import type { CompiledFunction, TensorRecord } from '../contracts/runtime.js';
import { inPhase } from '../runtime/profile/phases.js';
import { type Tensor4D, tf } from '../runtime/tf.js';
import { samplingRecord } from '../sampling/sampling-record.js';
import { adapterRecord } from './adapter-record.js';
import { createHold } from './base-penalty.js';
import type { ChainOptions, ChainState, DenoisingChain } from './denoising-chain.js';
import type { EstimateInputs } from './estimate.js';
import { compileFinalGradient, type FinalStep } from './final-gradient.js';
import type { WeightedReward } from './objective.js';
import { frozenPixels } from './pixel-gradient.js';
import { packCoefficients } from './step-coefficients.js';
import { compileKeptStep, compileStepGradient, type StepGradientKind } from './step-gradient.js';

/** What of an estimate the calls read. */
type CallInputs = Pick<EstimateInputs, 'adapters' | 'sampling' | 'context' | 'prepared'>;

/** How a chain ends. */
export interface ChainEnd {
  readonly final: FinalStep;
  /** Whether the gradient in the last step's input is wanted. */
  readonly live: boolean;
  /** Whether the last step is held to the base model. */
  readonly held: boolean;
  /** Whether the gradient in the pixels is given, instead of asking the rewards. */
  readonly frozen?: boolean;
}

/** The calls that give gradients, each compiled when it is first needed. All results are the caller's. */
export interface TapedCalls {
  /** The end of the chain from the state in front of step `t`, as `compileFinalGradient` describes it. */
  finish(
    inputs: CallInputs,
    t: number,
    state: ChainState,
    end: ChainEnd,
    noise?: Tensor4D,
  ): Promise<TensorRecord>;
  /** The gradients of step `t` from the latents in front of it, computing the step again. */
  stepGradient(
    inputs: CallInputs,
    t: number,
    latents: Tensor4D,
    kind: StepGradientKind,
    cotangent: Tensor4D,
  ): Promise<TensorRecord>;
  /** Takes step `t` and keeps what its gradients need; undefined where the back end cannot. */
  beginStep(
    inputs: CallInputs,
    t: number,
    state: ChainState,
    kind: StepGradientKind,
    noise?: Tensor4D,
  ): Promise<BegunCall | undefined>;
  dispose(): void;
}

/** Makes the taped calls of a chain and an objective. */
export const createTapedCalls = (
  options: ChainOptions,
  rewards: readonly WeightedReward[],
  chain: DenoisingChain,
): TapedCalls => {
  const compiled = new Map<string, CompiledFunction<TensorRecord, TensorRecord>>();
  const once = (key: string, make: () => CompiledFunction<TensorRecord, TensorRecord>) => {
    const known = compiled.get(key) ?? make();
    compiled.set(key, known);
    return known;
  };
  const halved = new Map<string, HalvedFunction | undefined>();
  const keptStep = (kind: StepGradientKind) => {
    const key = `${kind.parameters} ${kind.input}`;
    if (!halved.has(key)) halved.set(key, compileKeptStep(options, kind));
    return halved.get(key);
  };
  const holdOf = createHold(options);

  /** What a call of step `t` reads beside latents and cotangents, for the time of the call. */
  const withStep = async <Result>(
    { adapters, sampling, context }: CallInputs,
    t: number,
    held: boolean,
    call: (step: TensorRecord) => Promise<Result>,
  ): Promise<Result> => {
    const own = { coefficients: packCoefficients(chain.step(t)), ...(held ? holdOf(t) : {}) };
    const result = await call({ ...own, context, ...adapterRecord(adapters), ...samplingRecord(sampling) });
    tf.dispose(own);
    return result;
  };

  return {
    finish(inputs, t, state, { final, live, held, frozen = false }, noise) {
      const call = once(`final ${final} ${live} ${frozen}`, () =>
        compileFinalGradient(options, frozen ? [frozenPixels] : rewards, final, live),
      );
      return withStep(inputs, t, held, (step) =>
        inPhase('end of the chain, picture and reward', undefined, () =>
          call({
            latents: state.latents,
            ...inputs.prepared,
            ...(final === 'none' ? {} : { ...step, previous: state.clean }),
            ...(noise && final === 'step' ? { noise } : {}),
          }),
        ),
      );
    },
    stepGradient(inputs, t, latents, kind, cotangent) {
      const call = once(`step ${kind.parameters} ${kind.input}`, () => compileStepGradient(options, kind));
      return withStep(inputs, t, kind.parameters, (step) => call({ ...step, latents, cotangent }));
    },
    async beginStep(inputs, t, { latents, clean }, kind, noise) {
      const call = keptStep(kind);
      return (
        call &&
        withStep(inputs, t, kind.parameters, (step) =>
          call.begin({ ...step, latents, previous: clean, ...(noise ? { noise } : {}) }),
        )
      );
    },
    dispose() {
      for (const each of [...compiled.values(), ...halved.values()]) each?.dispose();
    },
  };
};
