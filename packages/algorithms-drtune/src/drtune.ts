import type { AlgorithmPlugin } from '@draft/core';
import { createDrtune } from './create-drtune.js';
import { type DrtuneOptions, drtuneOptions } from './drtune-options.js';

/** DRTune: deep reward supervision, which reaches the early sampling steps where shape and layout are decided. */
export const drtune: AlgorithmPlugin<DrtuneOptions> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'drtune',
  description: 'DRTune: trains K spread steps through a detached network input, with early stop.',
  options: drtuneOptions,
  create: (options) => createDrtune(options),
};
