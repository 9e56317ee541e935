import {
  adapterRecord,
  adaptersFrom,
  createTextContext,
  inBranches,
  predictNoise,
  type Runtime,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type TensorRecord,
  tf,
} from '@draft/core';
import type { Setup } from '../setup.js';
import { norm } from './norm.js';
import { openModel } from './open-model.js';
import type { Work } from './work.js';

const timestep = () => tf.scalar(500, 'int32');

const openDoubled = async (setup: Setup, runtime: Runtime) => {
  const { model, adapters, latents } = await openModel(setup, runtime);
  const context = await createTextContext(model, setup.guidance).encode(setup.prompts);
  return { model, adapters, context, both: tf.concat([latents, latents], 0) };
};

/** The UNet forward, both halves of guidance in one batch. */
export const predict: Work = async (setup, runtime) => {
  const { model, adapters, context, both } = await openDoubled(setup, runtime);
  const compiled = runtime.compile('predict', (inputs: TensorRecord) => ({
    output: predictNoise(
      model,
      inputs.latents as Tensor4D,
      inputs.timestep as Scalar,
      inputs.context as Tensor3D,
      adaptersFrom(inputs, adapters),
    ),
  }));
  const time = timestep();
  return async () => {
    const { output } = await compiled({ latents: both, timestep: time, context, ...adapterRecord(adapters) });
    const values = { output: norm([output as Tensor]) };
    tf.dispose(output);
    return values;
  };
};

/** The UNet forward and its gradient in the LoRA and in the latents. */
export const predictGradient: Work = async (setup, runtime) => {
  const { model, adapters, context, both } = await openDoubled(setup, runtime);
  const names = Object.keys(adapterRecord(adapters));
  const compiled = runtime.compile('predict-gradient', (inputs: TensorRecord) => {
    const square = (latents: Tensor, ...parameters: Tensor[]): Scalar => {
      const replaced = Object.fromEntries(names.map((name, i) => [name, parameters[i] as Tensor]));
      const output = predictNoise(
        model,
        latents as Tensor4D,
        inputs.timestep as Scalar,
        inputs.context as Tensor3D,
        adaptersFrom(replaced, adapters),
      );
      return tf.mean(tf.square(output));
    };
    const variables = [inputs.latents, ...names.map((name) => inputs[name])] as Tensor[];
    const [latents, ...parameters] = tf.grads(square)(variables);
    return {
      latents: latents as Tensor,
      ...Object.fromEntries(names.map((name, i) => [name, parameters[i] as Tensor])),
    };
  });
  const time = timestep();
  return async () => {
    const { latents, ...gradients } = await compiled({
      latents: both,
      timestep: time,
      context,
      ...adapterRecord(adapters),
    });
    const values = {
      gradient: norm(Object.values(gradients) as Tensor[]),
      input: norm([latents as Tensor]),
    };
    tf.dispose([latents as Tensor, ...(Object.values(gradients) as Tensor[])]);
    return values;
  };
};

/** Decoding, and its gradient in the latents. */
export const decodeGradient: Work = async (setup, runtime) => {
  const { model, latents } = await openModel(setup, runtime);
  const compiled = runtime.compile('decode-gradient', (inputs: TensorRecord) => {
    let images: Tensor | undefined;
    const square = (input: Tensor): Scalar => {
      images = tf.keep(inBranches([input], (part) => model.decode(part as Tensor4D)));
      return tf.mean(tf.square(images));
    };
    const [gradient] = tf.grads(square)([inputs.latents as Tensor]);
    return { gradient: gradient as Tensor, images: images as Tensor };
  });
  return async () => {
    const { gradient, images } = await compiled({ latents });
    const values = { images: norm([images as Tensor]), gradient: norm([gradient as Tensor]) };
    tf.dispose([gradient, images] as Tensor[]);
    return values;
  };
};
