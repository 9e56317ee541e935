import type { AlgorithmPlugin } from '@draft/core';
import { createDraft } from './create-draft.js';
import { type DraftOptions, draftOptions } from './draft-options.js';

/** DRaFT: direct reward fine-tuning, back through the whole sampling chain or its last K steps. */
export const draft: AlgorithmPlugin<DraftOptions> = {
  specVersion: 1,
  kind: 'algorithm',
  name: 'draft',
  description: 'DRaFT and DRaFT-K: back-propagates through the last K sampling steps.',
  options: draftOptions,
  create: (options) => createDraft(options),
};
