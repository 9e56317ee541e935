import { readFileSync } from 'node:fs';
import { type ComputeType, createRuntime, tf } from '@draft/core';
import type { Task } from '../cases.js';
import type { Setup } from '../setup.js';
import { iteration, sampling } from './chain-tasks.js';
import { clipGradient } from './clip-task.js';
import { decodeGradient, predict, predictGradient } from './network-tasks.js';
import { serve } from './serve.js';
import type { Work } from './work.js';

// Our side of the benchmark: prepares one task, and runs it each time that a line arrives.

const works: Record<Task, Work> = {
  predict,
  'predict-gradient': predictGradient,
  sampling,
  'draft-1': iteration,
  drtune: iteration,
  'decode-gradient': decodeGradient,
  'clip-l': clipGradient,
  'clip-h': clipGradient,
};

const [task, setupFile, computeType] = process.argv.slice(2) as [Task, string, ComputeType];
tf.enableProdMode();
const setup = JSON.parse(readFileSync(setupFile, 'utf8')) as Setup;
const runtime = await createRuntime({ computeType, backend: 'tensorflow', batch: setup.prompts.length });
await serve(`${runtime.version}, ${computeType}`, () => works[task](setup, runtime));
process.exit(0);
