import { type Reward, type RewardPlugin, type Runtime, type Tensor, type Tensor4D, tf } from '@draft/core';
import { pictureBytes, side } from './judge-scenes.js';

/** Pictures that are scored at once. */
const chunk = 100;

/** Scores pictures by a reward, each with a prompt. */
export type Score = (pictures: readonly Float32Array[], prompts: readonly string[]) => Promise<number[]>;

/** Opens a reward, made by its plugin as `draft` makes it. */
export const openReward = async (
  runtime: Runtime,
  plugin: RewardPlugin<never>,
  options: Readonly<Record<string, unknown>>,
): Promise<{ readonly score: Score; dispose(): void }> => {
  const parsed = await plugin.options['~standard'].validate(options);
  if (parsed.issues) throw new Error(parsed.issues.map(({ message }) => message).join('; '));
  const reward = (await plugin.create(parsed.value, { runtime, log: console.log })) as Reward;
  const compiled = runtime.compile('score', ({ images, ...rest }: Record<string, Tensor>) => ({
    scores: reward.score(images as Tensor4D, rest),
  }));
  const scoreChunk: Score = async (pictures, prompts) => {
    const all = new Float32Array(pictures.length * pictureBytes);
    pictures.forEach((pixels, i) => {
      all.set(pixels, i * pictureBytes);
    });
    const images = tf.tensor4d(all, [pictures.length, side, side, 3]);
    const prepared = (await reward.prepare?.({ prompts, random: undefined as never, iteration: 0 })) ?? {};
    const { scores } = await compiled({ images, ...prepared });
    const values = [...scores.dataSync()];
    tf.dispose([images, prepared, scores]);
    return values;
  };
  return {
    async score(pictures, prompts) {
      const values: number[] = [];
      for (let from = 0; from < pictures.length; from += chunk) {
        const to = from + chunk;
        values.push(...(await scoreChunk(pictures.slice(from, to), prompts.slice(from, to))));
      }
      return values;
    },
    dispose() {
      compiled.dispose();
      reward.dispose();
    },
  };
};
