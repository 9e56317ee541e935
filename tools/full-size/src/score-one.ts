import {
  createRandomSource,
  createRuntime,
  type RewardPlugin,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';

/** What loading a reward and scoring one picture took. */
export interface FullSizeReport {
  readonly loadSeconds: number;
  readonly scoreSeconds: number;
  readonly score: number;
  /** Euclidean length of the gradient in the picture. */
  readonly gradientNorm: number;
  /** Largest memory of this process, in bytes. */
  readonly peakBytes: number;
}

const seconds = (since: number): number => (performance.now() - since) / 1000;

/** Loads a reward, scores one picture of 512 × 512 and differentiates it, on TensorFlow in float32. */
export async function scoreOne<Options>(
  plugin: RewardPlugin<Options>,
  options: Readonly<Record<string, unknown>>,
): Promise<FullSizeReport> {
  const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
  const parsed = await plugin.options['~standard'].validate(options);
  if (parsed.issues) throw new Error(JSON.stringify(parsed.issues));
  let start = performance.now();
  const reward = await plugin.create(parsed.value, { runtime, log: () => {} });
  if (!('score' in reward)) throw new Error(`${plugin.name} has no gradient`);
  const loadSeconds = seconds(start);
  start = performance.now();
  const prepared =
    (await reward.prepare?.({ prompts: ['a cat'], random: createRandomSource(1), iteration: 0 })) ?? {};
  const noise = createRandomSource(2).normal(512 * 512 * 3);
  const image = tf.tensor4d(
    noise.map((x) => Math.min(1, Math.max(0, 0.5 + 0.1 * x))),
    [1, 512, 512, 3],
  );
  const run = runtime.compile('score', ({ image: x, ...rest }: Record<string, Tensor>) => {
    const score = (y: Tensor) => tf.sum(reward.score(y as Tensor4D, rest));
    const { value, grad } = tf.valueAndGrad(score)(x!);
    return { score: value, norm: tf.norm(grad) };
  });
  const result = await run({ image, ...prepared });
  const [[score], [gradientNorm]] = [await result.score.data(), await result.norm.data()];
  const scoreSeconds = seconds(start);
  tf.dispose([result, image, prepared]);
  run.dispose();
  reward.dispose();
  return {
    loadSeconds,
    scoreSeconds,
    score: score!,
    gradientNorm: gradientNorm!,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}
