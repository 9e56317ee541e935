import { type CocoSsdOptions, cocoSsd } from '@draft/reward-coco-ssd';
import type { FullSizeReward } from '../full-size-reward.js';
import type { GraphWriter } from '../ssd/graph-writer.js';

/** One of the package coco-ssd's graph models, from the resized picture to scores and places. */
export const cocoSsdGraph = (network: string, build: () => GraphWriter): FullSizeReward<CocoSsdOptions> => ({
  plugin: cocoSsd,
  network,
  write: (folder) => build().write(folder),
  options: (folder) => ({ checkpoint: folder, objects: ['cat', 'dog'] }),
});
