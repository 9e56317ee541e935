import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BackendName,
  createRandomSource,
  createRuntime,
  openSafetensors,
  type Reward,
  type RewardPlugin,
  type Runtime,
  type Tensor,
  type Tensor4D,
  tf,
} from '@draft/core';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { difference } from './difference.js';

/** TensorFlow, which computes recorded graphs, and what stands in for it where it cannot be set up. */
const backends: readonly BackendName[] = ['tensorflow', 'wasm'];

const start = (backend: BackendName): Promise<Runtime> => createRuntime({ backend, computeType: 'float32' });

/**
 * A reward on CLIP beside what PyTorch says of it: `reference.safetensors` holds pictures, scores and image gradients by
 * preprocessing, `reference.json` the prompts.
 * @param defaults Options that make it load a random-weight miniature.
 */
export const createRewardReference = <Options>(
  plugin: RewardPlugin<Options>,
  folder: string,
  defaults: Readonly<Record<string, unknown>>,
) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await start('tensorflow');
  });
  const file = openSafetensors(join(folder, 'reference.safetensors'));
  const { prompts } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
    prompts: string[];
  };
  const context = { prompts, random: createRandomSource(1), iteration: 0 };
  const floats = (key: string) => new Float32Array(file.read(key).buffer);
  const image = (key: string): Tensor4D =>
    tf.tidy(() => {
      const shape = file.entries.get(key)!.shape as [number, number, number, number];
      return tf.transpose(tf.tensor4d(floats(key), shape), [0, 2, 3, 1]);
    });
  const parse = (options: unknown) => plugin.options['~standard'].validate(options);
  const make = async (options: Readonly<Record<string, unknown>>): Promise<Reward> => {
    const parsed = await parse({ ...defaults, ...options });
    if (parsed.issues) throw new Error(JSON.stringify(parsed.issues));
    return (await plugin.create(parsed.value, { runtime, log: () => {} })) as Reward;
  };

  return {
    floats,
    image,
    make,
    async scores(images: Tensor4D, options: Readonly<Record<string, unknown>>): Promise<number[]> {
      const reward = await make(options);
      const prepared = (await reward.prepare?.(context)) ?? {};
      const result = reward.score(images, prepared);
      const values = Array.from(await result.data());
      tf.dispose([result, prepared]);
      reward.dispose();
      return values;
    },

    /** The tests that every reward on CLIP has to pass. */
    test(preprocessings: readonly string[], otherCheckpoint: string) {
      const cases = backends.flatMap((backend) => preprocessings.map((name) => [name, backend] as const));
      it.each(cases)(
        "gives PyTorch's scores and image gradients: %s, on %s",
        async (preprocessing, backend) => {
          runtime = await start(backend);
          onTestFinished(async () => {
            runtime = await start('tensorflow');
          });
          const images = image(`${preprocessing}.images`);
          const gradient = image(`${preprocessing}.gradient`);
          const cotangent = tf.tensor1d(floats('cotangent'));
          const before = tf.memory().numTensors;
          const reward = await make({ preprocessing });
          const prepared = (await reward.prepare?.(context)) ?? {};
          const compiled = runtime.compile('score', ({ x, ...rest }: Record<string, Tensor>) => ({
            scores: reward.score(x as Tensor4D, rest),
            gradient: tf.grad((y) => tf.sum(tf.mul(reward.score(y as Tensor4D, rest), cotangent)))(x!),
          }));
          const results = await compiled({ x: images, ...prepared });
          // Float32 on both sides, through a resampling, two layers and a norm; 8 bits also round alike.
          expect(await difference(results.scores!, floats(`${preprocessing}.scores`))).toBeLessThan(2e-5);
          expect(await difference(results.gradient!, gradient.dataSync() as Float32Array)).toBeLessThan(5e-5);
          tf.dispose([results, prepared]);
          compiled.dispose();
          reward.dispose();
          reward.dispose();
          expect(tf.memory().numTensors).toBe(before);
        },
      );

      it('lists what does not fit, before anything is read', async () => {
        const before = tf.memory().numTensors;
        await expect(make({ checkpoint: otherCheckpoint })).rejects.toThrow(/weights are missing|can be run/);
        expect(tf.memory().numTensors).toBe(before);
      });

      it('validates its options strictly', async () => {
        expect((await parse({})).issues).toBeUndefined();
        for (const wrong of [{ preprocessing: 'best' }, { checkpoints: 'x' }, { checkpoint: '' }]) {
          expect((await parse(wrong)).issues).toBeDefined();
        }
      });
    },
  };
};
