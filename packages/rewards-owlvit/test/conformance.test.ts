import { fileURLToPath } from 'node:url';
import owlvit from '@draft/reward-owlvit';
import { describeReward } from '@draft/testing';
import { describe, it } from 'vitest';

const runner = { describe, it };
const checkpoint = fileURLToPath(new URL('fixtures/model', import.meta.url));

describeReward(owlvit, { runner, package: import.meta.url, options: { checkpoint } });
describeReward(owlvit, {
  runner,
  options: {
    checkpoint,
    mode: 'removal',
    measure: 'area',
    queries: ['a cat', 'a dog'],
    preprocessing: 'bilinear',
  },
  label: 'removal of two queries by area',
});
