import { join } from 'node:path';
import diversity, { type DiversityOptions } from '@draft/reward-diversity';
import type { FullSizeReward } from '../full-size-reward.js';
import { publishedKeys } from '../published-keys.js';
import { type PublishedFile, writeRandomCheckpoint } from '../random-checkpoint.js';
import { writePublished } from '../write-published.js';

/**
 * LPIPS on one of torchvision's networks, as both are published; two pictures are compared.
 * @param backbone The network's file, which holds its classifier too.
 * @param widths Channels of the features that are compared.
 */
export const lpipsNetwork = (
  network: 'alex' | 'vgg',
  title: string,
  backbone: PublishedFile,
  keys: string,
  widths: readonly number[],
): FullSizeReward<DiversityOptions> => {
  const heads = { name: `${network}.pth`, format: 'pytorch before 1.6' } as const;
  const headKeys = new Map(widths.map((width, i) => [`lin${i}.model.1.weight`, [1, width, 1, 1]] as const));
  return {
    plugin: diversity,
    network: `LPIPS on ${title}`,
    write: (folder) => {
      const written = writePublished(folder, backbone, publishedKeys('rewards-diversity', keys));
      const numbers = writeRandomCheckpoint(folder, heads, headKeys);
      return { numbers: written.numbers + numbers, files: [...written.files, heads.name] };
    },
    options: (folder) => ({
      distance: 'lpips',
      network,
      backbone: join(folder, backbone.name),
      heads: join(folder, heads.name),
    }),
    pictures: 2,
  };
};
