import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime } from '@draft/core';
import { loadTokenizer } from '@draft/model-clip';
import { exportModel } from '../pretrain/export-model.js';
import { averageOf, encodeScenes, trainDiffusion } from '../pretrain/train-diffusion.js';
import { trainVae } from '../pretrain/train-vae.js';
import { towers } from '../pretrain/training-loop.js';
import { runCommand, wholeNumber } from './run-command.js';

// npm run pretrain -- [vae|diffusion|export] --data FOLDER [--state FOLDER --steps N --learning-rate PEAK --model FOLDER]
await runCommand(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: resolve('../../.cache/miniature') },
      state: { type: 'string', default: join(homedir(), '.cache', 'draft', 'pretrain') },
      model: { type: 'string', default: resolve('../../packages/miniature/model') },
      steps: { type: 'string' },
      'learning-rate': { type: 'string', default: '1e-3' },
    },
  });
  const { data, state, model } = values;
  const [stage] = positionals;
  if (stage !== 'vae' && stage !== 'diffusion' && stage !== 'export') {
    throw new Error('Name the stage: npm run pretrain -- vae, then diffusion, then export.');
  }
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  process.env.TF_NUM_INTEROP_THREADS ??= String(towers);
  mkdirSync(state, { recursive: true });
  const peak = Number(values['learning-rate']);
  if (!(peak > 0)) throw new Error('--learning-rate takes a positive number.');
  const steps = (least: number) => wholeNumber('steps', values.steps ?? String(least), 1);
  const runtime = await createRuntime({ computeType: 'float32' });
  const tokenizer = join(model, 'tokenizer');
  const saved = (name: string): Float32Array => {
    const path = join(state, `${name}.state`);
    if (!existsSync(path)) throw new Error(`There is no ${path}: run npm run pretrain -- ${name} first.`);
    return averageOf(path);
  };
  if (stage === 'vae') {
    await trainVae(runtime, data, state, steps(6000), peak);
    return;
  }
  if (stage === 'diffusion') {
    await trainDiffusion(runtime, data, state, tokenizer, saved('vae'), steps(40_000), peak);
  }
  const { scale } = await encodeScenes(runtime, data, state, saved('vae'));
  const { vocabularySize } = await loadTokenizer(tokenizer);
  exportModel(model, saved('vae'), saved('diffusion'), scale, vocabularySize);
  console.log(`${model}: written`);
});
