import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandomSource } from '@draft/core';
import { describeAlgorithm } from '@draft/testing';
import everyOther, { createEveryOther } from '../index.js';

describeAlgorithm(everyOther, { runner: { describe, it }, package: import.meta.url });

describe('every-other', () => {
  it('trains odd or even steps', () => {
    const policy = createEveryOther({ stride: 2 });
    const plans = Array.from({ length: 20 }, (_, iteration) =>
      policy.plan({ steps: 6, iteration, random: createRandomSource(iteration) }).train.join(),
    );
    assert.deepEqual([...new Set(plans)].sort(), ['5,3,1', '6,4,2']);
  });
});
