import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime } from '@draft/core';
import { openJudgeScenes } from '../judges/judge-scenes.js';
import type { JudgeTraining } from '../judges/judge-training.js';
import { openSoftPictures } from '../judges/soft-pictures.js';
import { averageOf } from '../pretrain/train-diffusion.js';
import { towers } from '../pretrain/training-loop.js';
import { runCommand, wholeNumber } from './run-command.js';

interface Judge {
  train(training: JudgeTraining): Promise<Float32Array>;
  write(training: JudgeTraining, values: Float32Array): void | Promise<void>;
}

/** How long each judge is trained, and what trains it: imported when it is wanted. */
const judges: Readonly<
  Record<string, { readonly steps: number; readonly peak: number; readonly open: () => Promise<Judge> }>
> = {
  clip: {
    steps: 2600,
    peak: 1e-3,
    async open() {
      const { exportClip } = await import('../judges/export-clip.js');
      const { trainClip: train } = await import('../judges/train-clip.js');
      return { train, write: ({ judges: to, tokenizer }, values) => exportClip(to, values, tokenizer) };
    },
  },
  aesthetic: {
    steps: 600,
    peak: 1e-3,
    async open() {
      const { exportAesthetic } = await import('../judges/export-aesthetic.js');
      const { trainAesthetic: train } = await import('../judges/train-aesthetic.js');
      return { train, write: ({ judges: to }, values) => exportAesthetic(to, values) };
    },
  },
  classifier: {
    steps: 400,
    peak: 2e-3,
    async open() {
      const { exportClassifier } = await import('../judges/export-classifier.js');
      const { trainClassifier: train } = await import('../judges/train-classifier.js');
      return { train, write: (training, values) => exportClassifier(training.judges, values, training) };
    },
  },
  detector: {
    steps: 2400,
    peak: 1e-3,
    async open() {
      const { exportDetector } = await import('../judges/export-detector.js');
      const { trainDetector: train } = await import('../judges/train-detector.js');
      return { train, write: ({ judges: to, tokenizer }, values) => exportDetector(to, values, tokenizer) };
    },
  },
  ssd: {
    steps: 1800,
    peak: 2e-3,
    async open() {
      const { exportSsd } = await import('../ssd/export-ssd.js');
      const { trainSsd: train } = await import('../ssd/train-ssd.js');
      return { train, write: (training, values) => exportSsd(training.judges, values, training) };
    },
  },
};

// npm run judge -- NAME [--export] [--state FOLDER --model FOLDER --judges FOLDER --steps N --learning-rate PEAK --dtype TYPE]
await runCommand(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      state: { type: 'string', default: join(homedir(), '.cache', 'draft', 'judges') },
      model: { type: 'string', default: resolve('../../packages/miniature/model') },
      judges: { type: 'string', default: resolve('../../packages/miniature/judges') },
      steps: { type: 'string' },
      'learning-rate': { type: 'string' },
      dtype: { type: 'string', default: 'float32' },
      export: { type: 'boolean', default: false },
    },
  });
  const name = positionals[0] ?? '';
  const judge = judges[name];
  if (!judge) throw new Error(`Name the judge: npm run judge -- ${Object.keys(judges).join(' | ')}.`);
  const peak = Number(values['learning-rate'] ?? judge.peak);
  if (!(peak > 0)) throw new Error('--learning-rate takes a positive number.');
  if (values.dtype !== 'float32' && values.dtype !== 'bfloat16')
    throw new Error(`--dtype takes float32 or bfloat16, not "${values.dtype}".`);
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  process.env.TF_NUM_INTEROP_THREADS ??= String(towers);
  mkdirSync(values.state, { recursive: true });
  const runtime = await createRuntime({ computeType: values.dtype });
  const scenes = await openJudgeScenes(values.state);
  const training: JudgeTraining = {
    runtime,
    scenes,
    soft: await openSoftPictures(runtime, scenes, values.model, values.state),
    folder: values.state,
    judges: values.judges,
    tokenizer: join(values.model, 'tokenizer'),
    steps: wholeNumber('steps', values.steps ?? String(judge.steps), 1),
    peak,
  };
  const state = join(values.state, `judge-${name}.state`);
  if (values.export && !existsSync(state)) throw new Error(`There is no ${state} to export.`);
  const { train, write } = await judge.open();
  await write(training, values.export ? averageOf(state) : await train(training));
  console.log(`${join(values.judges, name)}: written`);
});
