import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime, selectLoraLayers, type Tensor4D, tf } from '@draft/core';
import { loadStableDiffusion } from '@draft/model-stable-diffusion';
import { publishedArchitectures } from '../../../packages/models-stable-diffusion/src/single-file/published-architectures.js';
import { planCheckpoint } from './plan-checkpoint.js';
import { gibibytes, processMemory } from './process-memory.js';
import { createRandomWeights } from './random-weight.js';
import { makeTemporaryFolder } from './temporary-folder.js';
import { writeFolder, writeSingle } from './write-checkpoint.js';

const models = { sd14: 'sd_v1', sd15: 'sd_v1', sdxl: 'sdxl_base_v1-0' } as const;
const fixtures = join(import.meta.dirname, '../../../packages/models-stable-diffusion/test/fixtures');
/** Folders of fixtures with the published scheduler configurations. */
const schedulers = { sd_v1: 'small', 'sdxl_base_v1-0': 'xl' } as const;

const print = (line: string) => process.stdout.write(`${line}\n`);

async function timed<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(
    `${what}: ${seconds} s, resident ${gibibytes(processMemory('VmRSS'))}, peak ${gibibytes(processMemory('VmHWM'))}`,
  );
  return result;
}

async function main() {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      layout: { type: 'string', default: 'single' },
      dtype: { type: 'string', default: 'bfloat16' },
      folder: { type: 'string' },
      keep: { type: 'boolean', default: false },
      predict: { type: 'boolean', default: false },
    },
  });
  const { layout, dtype } = values;
  const name = positionals[0] as keyof typeof models;
  if (!Object.hasOwn(models, name)) throw new Error('Name the model: sd14, sd15 or sdxl.');
  if (layout !== 'single' && layout !== 'folder') throw new Error('--layout takes single or folder.');
  if (dtype !== 'bfloat16' && dtype !== 'float32') throw new Error('--dtype takes bfloat16 or float32.');
  const folder =
    values.folder ?? (values.keep ? mkdtempSync(join(tmpdir(), 'full-size-')) : makeTemporaryFolder());
  mkdirSync(folder, { recursive: true });
  const path = layout === 'single' ? join(folder, `${name}.safetensors`) : join(folder, name);
  try {
    const configs = publishedArchitectures[models[name]]();
    const plan = planCheckpoint(configs, name === 'sd14' && layout === 'folder');
    const random = createRandomWeights();
    const scheduler = join(fixtures, schedulers[models[name]], 'pipeline/scheduler/scheduler_config.json');
    const tensors = await timed(`write ${name}, ${layout}`, () =>
      layout === 'single'
        ? writeSingle(path, configs, plan, random)
        : writeFolder(path, configs, plan, random, scheduler),
    );
    for (const [component, weights] of plan) {
      const parameters = weights.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
      print(`  ${component}: ${weights.length} tensors, ${parameters} parameters`);
    }
    print(`  ${tensors} tensors in ${layout === 'single' ? 'one file' : `${plan.size} files`}`);
    const runtime = await createRuntime({ backend: 'tensorflow', computeType: dtype });
    const model = await timed(`load as ${dtype}`, () => loadStableDiffusion(path, { runtime }));
    print(`  ${model.description}`);
    const attention = selectLoraLayers(model.layers, ['attention']).length;
    print(`  LoRA: ${attention} layers of attention, ${model.layers.length} in all`);
    if (values.predict) {
      const { context } = await timed('encode two prompts', () => model.encode(['', 'a photo of a fox']));
      const { height, width } = model.imageSize;
      const latents = tf.randomNormal([2, ...model.latentShape(height, width)]) as Tensor4D;
      const predict = runtime.compile(
        'predict',
        (inputs: { latents: Tensor4D; context: typeof context }) => ({
          noise: model.predict(inputs.latents, tf.scalar(981), { context: inputs.context }),
        }),
      );
      const { noise } = await timed(`predict once, ${height} × ${width} with guidance`, () =>
        predict({ latents, context }),
      );
      const finite = tf.tidy(() => tf.isFinite(noise).all().dataSync()[0] === 1);
      print(`  ${finite ? 'all numbers are finite' : 'NOT all numbers are finite'}`);
      if (!finite) process.exitCode = 1;
      tf.dispose([context, latents, noise]);
      predict.dispose();
    }
    model.dispose();
  } finally {
    if (!values.keep) rmSync(values.folder ? path : folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
