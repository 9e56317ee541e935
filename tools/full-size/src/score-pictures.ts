import {
  createRandomSource,
  createRuntime,
  type RewardPlugin,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { processMemory } from './process-memory.js';

/** What loading a reward and scoring pictures took. */
export interface FullSizeReport {
  readonly loadSeconds: number;
  /** The first time, recording included. */
  readonly firstSeconds: number;
  /** The second time. */
  readonly againSeconds: number;
  readonly score: number;
  /** Euclidean length of the gradient in the pictures. */
  readonly gradientNorm: number;
  /** Largest memory of this process, in bytes. */
  readonly peakBytes?: number | undefined;
}

const seconds = (since: number): number => (performance.now() - since) / 1000;

const side = 512;

/** Pictures of noise around grey, `[count, 512, 512, 3]`. */
const pictures = (count: number): Tensor4D => {
  const noise = createRandomSource(2).normal(count * side * side * 3);
  return tf.tensor4d(
    noise.map((x) => Math.min(1, Math.max(0, 0.5 + 0.1 * x))),
    [count, side, side, 3],
  );
};

/** Loads a reward, scores pictures of 512 × 512 and differentiates the sum of their scores, on TensorFlow in float32. */
export async function scorePictures<Options>(
  plugin: RewardPlugin<Options>,
  options: Readonly<Record<string, unknown>>,
  count: number,
): Promise<FullSizeReport> {
  const runtime = await createRuntime({ backend: 'tensorflow', computeType: 'float32' });
  const parsed = await plugin.options['~standard'].validate(options);
  if (parsed.issues) throw new Error(JSON.stringify(parsed.issues));
  const start = performance.now();
  const reward = await plugin.create(parsed.value, { runtime, log: () => {} });
  if (!('score' in reward)) throw new Error(`${plugin.name} has no gradient`);
  const loadSeconds = seconds(start);
  const prompts = Array.from({ length: count }, () => 'a cat');
  const images = pictures(count);
  const run = runtime.compile('score', ({ images: x, ...rest }: Record<string, Tensor>) => {
    const score = (y: Tensor) => tf.sum(reward.score(y as Tensor4D, rest));
    const { value, grad } = tf.valueAndGrad(score)(x!);
    return { score: value, norm: tf.norm(grad) };
  });
  const once = async () => {
    const began = performance.now();
    const prepared = (await reward.prepare?.({ prompts, random: createRandomSource(1), iteration: 0 })) ?? {};
    const result = await run({ images, ...prepared });
    const [[score], [norm]] = [await result.score.data(), await result.norm.data()];
    tf.dispose([result, prepared]);
    return { score: score!, norm: norm!, took: seconds(began) };
  };
  const [first, again] = [await once(), await once()];
  images.dispose();
  run.dispose();
  reward.dispose();
  return {
    loadSeconds,
    firstSeconds: first.took,
    againSeconds: again.took,
    score: first.score,
    gradientNorm: first.norm,
    peakBytes: processMemory('VmHWM'),
  };
}
