import { fileURLToPath } from 'node:url';
import adversarial from '@draft/reward-adversarial';
import { describeReward } from '@draft/testing';
import { describe, it } from 'vitest';

const runner = { describe, it };
const checkpoint = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describeReward(adversarial, {
  runner,
  package: import.meta.url,
  options: { checkpoint: checkpoint('early/transformers'), target: 'dog' },
});
describeReward(adversarial, {
  runner,
  options: { checkpoint: checkpoint('basic/timm'), target: 'dog', preprocessing: 'bilinear' },
  label: 'basic blocks, stretched',
});
