import { createRuntime } from '@draft/core';
import { trainVae } from '/work/main/tools/miniature/src/pretrain/train-vae.ts';

const rt = await createRuntime({ computeType: process.argv[2] as any });
await trainVae(
  rt,
  '/work/main/.cache/miniature',
  process.env.HOME + '/.cache/draft/pretrain',
  Number(process.argv[3]),
);
