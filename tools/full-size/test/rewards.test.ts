import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FullSizeReward } from '../src/full-size-reward.js';
import { rewardNames } from '../src/reward-names.js';

const folder = join(import.meta.dirname, '../src/rewards');

describe('rewards at their published size', () => {
  it.each(rewardNames)('%s has a program whose options its plugin takes', async (name) => {
    const { reward } = (await import(join(folder, `${name}.ts`))) as { reward: FullSizeReward<unknown> };
    const parsed = await reward.plugin.options['~standard'].validate(reward.options('/nowhere'));
    expect(parsed.issues).toBeUndefined();
    expect(reward.network).not.toBe('');
  });

  it('are all among those that are run', () => {
    const helping = [
      'clip-checkpoint',
      'clip-configs',
      'coco-ssd-graph',
      'lpips-network',
      'owlvit-checkpoint',
    ];
    const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
    expect(files.sort()).toEqual([...rewardNames, ...helping].sort());
  });
});
