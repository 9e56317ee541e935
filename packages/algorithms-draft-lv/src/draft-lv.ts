import type { AlgorithmPlugin } from '@draft/core';
import { createDraftLv } from './create-draft-lv.js';
import { type DraftLvOptions, draftLvOptions } from './draft-lv-options.js';

/** DRaFT-LV: direct reward fine-tuning of the last step with less variance. */
export const draftLv: AlgorithmPlugin<DraftLvOptions> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'draft-lv',
  description: 'DRaFT-LV: trains the last step, again on noisy copies of the result.',
  options: draftLvOptions,
  create: (options) => createDraftLv(options),
};
