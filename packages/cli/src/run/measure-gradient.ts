import {
  type Adapters,
  DraftError,
  drawNoise,
  type Plan,
  type PlanEstimator,
  prepareRewards,
  type RandomSource,
  type Reward,
  type SamplingWeights,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type TensorRecord,
  tf,
  type WeightedReward,
} from '@draft/core';
import { turn } from '../progress/turn.js';
import { channelsFirst, type StoredNumbers, stackNumbers } from './channels-first.js';

/** What one estimate is taken with. Tensors stay the caller's. */
export interface GradientRequest {
  readonly estimator: PlanEstimator;
  readonly rewards: readonly WeightedReward<Reward>[];
  readonly adapters: Adapters;
  readonly sampling?: SamplingWeights | undefined;
  readonly encode: (prompts: readonly string[]) => Promise<Tensor3D>;
  readonly plan: Plan;
  /** One a sample. */
  readonly prompts: readonly string[];
  /** Standard normal initial noise, `[n, h, w, c]`. */
  readonly initial: Tensor4D;
  /** `x_T` is this times the initial noise. */
  readonly initialNoiseScale: number;
  /** Where all other noise comes from, sample by sample. */
  readonly random: RandomSource;
  /** Samples that are computed at once. */
  readonly batch: number;
  /** Whether to keep what each trained step adds to the gradient. @default false */
  readonly perStep?: boolean;
}

/** One estimate, as numbers. */
export interface MeasuredGradient {
  /** The gradient of the mean over samples, by the names of `adapterRecord` and `samplingNames`. */
  readonly gradients: Readonly<Record<string, StoredNumbers>>;
  /** What each trained step adds to it, by step; empty unless asked for. */
  readonly contributions: ReadonlyMap<number, Readonly<Record<string, Float32Array>>>;
  /** Each reward's score of each sample, without its weight. */
  readonly scores: Readonly<Record<string, readonly number[]>>;
  /** NCHW. */
  readonly latents: StoredNumbers;
  /** NCHW. */
  readonly images: StoredNumbers;
  /** The gradient of the mean over samples in `latents`, NCHW. */
  readonly latentGradient: StoredNumbers;
  /** Every noise that was drawn, NCHW: `initial`, `step.<t>`, `copy.<i>`. */
  readonly noises: ReadonlyMap<string, StoredNumbers>;
}

const requireFinite = (what: string, numbers: ArrayLike<number>): void => {
  const wrong = Array.from(numbers).find((value) => !Number.isFinite(value));
  if (wrong === undefined) return;
  throw new DraftError(
    'DRAFT_NON_FINITE',
    `${what} came out as ${wrong}: try a LoRA, options of the reward, or a --dtype that keep the numbers within bounds.`,
  );
};

/**
 * Takes one estimate of a plan's gradient. It does not depend on how many samples are computed at once.
 * @param progress Called with the share that is done, `0..1`.
 */
export const measureGradient = async (
  request: GradientRequest,
  progress?: (share: number) => void,
): Promise<MeasuredGradient> => {
  const { estimator, rewards, plan, prompts, initial, random, batch } = request;
  const count = prompts.length;
  const shape = initial.shape.slice(1) as [number, number, number];
  const sums: Record<string, Tensor> = {};
  const parts = { latents: [], images: [], latentGradient: [] } as Record<
    'latents' | 'images' | 'latentGradient',
    StoredNumbers[]
  >;
  const noises = new Map<string, StoredNumbers[]>();
  const scores: Record<string, number[]> = {};
  const contributions = new Map<number, Record<string, Float32Array>>();
  const contribute = (t: number, parts: TensorRecord): void => {
    const sum = contributions.get(t) ?? {};
    contributions.set(t, sum);
    for (const [name, part] of Object.entries(parts)) {
      const before = sum[name];
      sum[name] = (part.dataSync() as Float32Array).map((value, i) => value / count + (before?.[i] ?? 0));
    }
  };
  const remember = (name: string, noise: Tensor4D): Tensor4D => {
    noises.set(name, [...(noises.get(name) ?? []), channelsFirst(noise)]);
    return noise;
  };
  try {
    for (let from = 0; from < count; from += batch) {
      await turn();
      const own = prompts.slice(from, from + batch);
      const samples = own.map((_, i) => from + i);
      const context = await request.encode(own);
      const noise = remember('initial', tf.slice(initial, from, own.length));
      const latents = tf.mul(noise, request.initialNoiseScale) as Tensor4D;
      const prepared = await prepareRewards(rewards, (name) => ({
        prompts: own,
        random: random.child('reward', name, ...samples),
        iteration: 0,
      }));
      const draw = (...key: readonly (string | number)[]) =>
        remember(key.join('.'), drawNoise(random, samples, shape, ...key));
      const result = await estimator.estimate({
        plan,
        adapters: request.adapters,
        sampling: request.sampling,
        latents,
        context,
        noise: (t) => draw('step', t),
        copyNoise: (i) => draw('copy', i),
        prepared,
        ...(request.perStep ? { contribution: contribute } : {}),
      });
      for (const name of ['latents', 'images', 'latentGradient'] as const) {
        parts[name].push(channelsFirst(result[name]));
      }
      for (const [name, score] of Object.entries(result.scores)) {
        scores[name] = [...(scores[name] ?? []), ...Array.from(score.dataSync())];
      }
      for (const [name, gradient] of Object.entries(result.gradients)) {
        const before = sums[name];
        sums[name] = before ? tf.add(before, gradient) : gradient.clone();
        tf.dispose([gradient, ...(before ? [before] : [])]);
      }
      tf.dispose([context, noise, latents, ...Object.values(prepared), ...Object.values(result.scores)]);
      tf.dispose([result.latents, result.images, result.latentGradient]);
      progress?.(Math.min(1, (from + batch) / count));
    }
    const mean = ({ shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array }) => ({
      shape,
      data: data.map((value) => value / count),
    });
    for (const [name, values] of Object.entries(scores)) requireFinite(`The reward ${name}`, values);
    const gradients = Object.fromEntries(
      Object.entries(sums).map(([name, sum]): [string, StoredNumbers] => {
        const numbers = mean({ shape: sum.shape, data: sum.dataSync() as Float32Array });
        requireFinite('The gradient', numbers.data);
        return [name, numbers];
      }),
    );
    return {
      gradients,
      contributions,
      scores,
      latents: stackNumbers(parts.latents),
      images: stackNumbers(parts.images),
      latentGradient: mean(stackNumbers(parts.latentGradient)),
      noises: new Map([...noises].map(([name, list]) => [name, stackNumbers(list)])),
    };
  } finally {
    tf.dispose(sums);
  }
};
