import {
  type Adapters,
  adapterRecord,
  adaptersFrom,
  createRuntime,
  type Runtime,
  readLora,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  type TensorRecord,
  tf,
} from '@draft/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadStableDiffusion, type StableDiffusion, stableDiffusionOptions } from '../src/index.js';
import { fixturePath } from './support/checkpoint-folder.js';

const kinds = ['off', 'blocks'] as const;

/** One step's network and its gradient in the latents, the text states and a LoRA. */
const gradientOf = (runtime: Runtime, model: StableDiffusion, adapters: Adapters) =>
  runtime.compile('gradient', (inputs: TensorRecord) => {
    const { latents, context, weights, ...factors } = inputs;
    const names = Object.keys(factors);
    const product = (...variables: Tensor[]): Scalar => {
      const [x, text, ...rest] = variables;
      const record = Object.fromEntries(names.map((name, i) => [name, rest[i] as Tensor]));
      const noise = model.predict(
        x as Tensor4D,
        tf.scalar(500, 'int32'),
        { context: text as Tensor3D },
        adaptersFrom(record, adapters),
      );
      return tf.sum(tf.mul(noise, weights as Tensor));
    };
    const variables = [latents, context, ...names.map((name) => factors[name])] as Tensor[];
    const gradients = tf.grads(product)(variables);
    return Object.fromEntries(
      ['latents', 'context', ...names].map((name, i) => [name, gradients[i] as Tensor]),
    );
  });

describe('checkpointing', () => {
  let runtime: Runtime;
  const models: Partial<Record<(typeof kinds)[number], StableDiffusion>> = {};

  const load = (owner: Runtime, checkpointing: (typeof kinds)[number]) => {
    const options = stableDiffusionOptions.parse({ checkpointing });
    return loadStableDiffusion(fixturePath('tiny/pipeline'), { runtime: owner }, undefined, options);
  };

  const inputsFor = async (model: StableDiffusion, side: number) => {
    const { context } = await model.encode(['a cat']);
    const adapters = readLora(fixturePath('tiny/lora/pytorch_lora_weights.safetensors'), model.layers);
    const values = (seed: number) => tf.randomNormal([1, side, side, 4], 0, 1, 'float32', seed);
    const tensors = { latents: values(1), weights: values(2), context, ...adapterRecord(adapters) };
    return { adapters, tensors };
  };

  beforeAll(async () => {
    runtime = await createRuntime({ backend: 'tensorflow' });
    for (const kind of kinds) models[kind] = await load(runtime, kind);
  });
  afterAll(() => {
    for (const model of Object.values(models)) model.dispose();
  });

  it('gives the same gradients', async () => {
    const { adapters, tensors } = await inputsFor(models.off as StableDiffusion, 8);
    const [kept, again] = await Promise.all(
      kinds.map((kind) => gradientOf(runtime, models[kind] as StableDiffusion, adapters)(tensors)),
    );
    for (const [name, gradient] of Object.entries(kept as TensorRecord)) {
      const difference = tf.tidy(() => {
        const [a, b] = [gradient, again?.[name] as Tensor];
        const largest = tf.max(tf.abs(a)).dataSync()[0] as number;
        return (tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number) / Math.max(largest, 1e-12);
      });
      // The same operations in float32, only in another order.
      expect(difference, name).toBeLessThan(1e-4);
    }
    tf.dispose([kept, again, tensors] as never);
  });

  it('needs less memory', async () => {
    const rehearsal = (runtime.rehearse as () => ReturnType<NonNullable<Runtime['rehearse']>>)();
    const bytes: number[] = [];
    for (const kind of kinds) {
      const model = await load(rehearsal.runtime, kind);
      const { adapters, tensors } = await inputsFor(model, 32);
      await gradientOf(rehearsal.runtime, model, adapters)(tensors);
      const { functions } = rehearsal.take();
      bytes.push(functions.find(({ name }) => name === 'gradient')?.bytes ?? 0);
      model.dispose();
    }
    rehearsal.end();
    const [kept = 0, again = 0] = bytes;
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThan(0.9 * kept);
  });
});
