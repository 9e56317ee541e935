import {
  type Adapters,
  adapterRecord,
  type Runtime,
  readLora,
  readSafetensors,
  type Tensor4D,
  tf,
} from '@draft/core';
import { loadStableDiffusion } from '@draft/model-stable-diffusion';
import type { Setup } from '../setup.js';

/** A model with its LoRA and the shared inputs. */
export interface OpenModel {
  readonly model: Awaited<ReturnType<typeof loadStableDiffusion>>;
  readonly adapters: Adapters;
  /** Initial noise, `[n, h, w, c]`. */
  readonly latents: Tensor4D;
}

/** Reads a tensor of the shared inputs, which are in NCHW order. */
export const readInput = (setup: Setup, name: string): Tensor4D => {
  const stored = readSafetensors(setup.inputs).tensors.get(name);
  if (!stored) throw new Error(`${setup.inputs} holds no ${name}`);
  return tf.tidy(() =>
    tf.transpose(tf.tensor4d(stored.data, stored.shape as [number, number, number, number]), [0, 2, 3, 1]),
  );
};

/** Loads the checkpoint, the LoRA and the inputs. */
export const openModel = async (setup: Setup, runtime: Runtime): Promise<OpenModel> => {
  const model = await loadStableDiffusion(setup.model, { runtime });
  const adapters = readLora(setup.lora, model.layers);
  if (Object.keys(adapterRecord(adapters)).length === 0) throw new Error(`${setup.lora} adapts nothing`);
  return { model, adapters, latents: readInput(setup, 'latents') };
};
