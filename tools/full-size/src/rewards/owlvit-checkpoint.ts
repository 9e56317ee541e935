import { fileURLToPath } from 'node:url';
import owlvit, { type OwlvitOptions } from '@draft/reward-owlvit';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys, tokenizerFolder } from '../published-keys.js';
import { writePublished } from '../write-published.js';

/**
 * One of google/owlvit-*, of which all have a `pytorch_model.bin`.
 * @param keys Its list of names and shapes.
 * @param config What counts of its `config.json`.
 */
export const owlvitCheckpoint = (
  network: string,
  keys: string,
  config: Readonly<Record<string, unknown>>,
): FullSizeReward<OwlvitOptions> => ({
  plugin: owlvit,
  network,
  write: (folder) =>
    writePublished(
      folder,
      { name: 'pytorch_model.bin', format: 'pytorch' },
      publishedKeys('rewards-owlvit', keys),
      {
        'config.json': { model_type: 'owlvit', ...config },
      },
    ),
  options: (folder) => ({
    checkpoint: folder,
    tokenizer: fileURLToPath(tokenizerFolder('tokenizer')),
    queries: ['a photo of a cat', 'a photo of a dog'],
    measure: 'area',
  }),
});
