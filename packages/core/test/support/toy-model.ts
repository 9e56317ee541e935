import type { AdaptableLayer, Adapters, DiffusionModel, Tensor, Tensor3D, Tensor4D } from '@draft/core';
import { createRandomSource, linear, tf } from '@draft/core';

const channels = 3;

/** The latents' channels and a one, so that a LoRA can shift what comes out. */
const inFeatures = channels + 1;

/**
 * A diffusion model of one small layer, for tests of algorithms: `ε = tanh(W [x, 1] + LoRA + prompt)` pixel by pixel, and
 * pictures that are the latents about a half.
 */
export const createToyModel = (): DiffusionModel => {
  const weight = tf.tensor2d(createRandomSource(11).normal(channels * inFeatures), [channels, inFeatures]);
  const layers: AdaptableLayer[] = [
    { name: 'toy.to_q', inFeatures, outFeatures: channels, convolution: false },
  ];
  const alphas = Float64Array.from(
    { length: 1000 },
    (_, t) => Math.cos(((t + 20) / 1100) * (Math.PI / 2)) ** 2,
  );
  return {
    description: 'toy',
    architecture: 'toy',
    imageSize: { height: 4, width: 4 },
    layers,
    schedule: {
      alphasCumprod: alphas,
      predictionType: 'epsilon',
      stepsOffset: 1,
      setAlphaToOne: false,
    },
    latentShape: (height, width) => [height, width, channels],
    encode: async (prompts) => ({
      context: tf.tensor3d(
        prompts.flatMap((prompt) => Array.from(createRandomSource(prompt.length).normal(channels))),
        [prompts.length, 1, channels],
      ),
    }),
    predict(latents, timestep, { context }, adapters?: Adapters) {
      const [n, height, width] = latents.shape;
      const input = tf.concat([latents, tf.ones([n, height, width, 1])], 3);
      const projected = linear(input, { weight }, adapters?.get('toy.to_q') ?? []);
      const prompt = tf.reshape(context as Tensor3D, [-1, 1, 1, channels]);
      const time = tf.div(timestep as Tensor, 1000);
      return tf.tanh(tf.add(tf.add(projected, tf.mul(prompt, 0.3)), time)) as Tensor4D;
    },
    decode: (latents) => tf.add(tf.mul(latents, 0.1), 0.5),
    dispose: () => weight.dispose(),
  };
};
