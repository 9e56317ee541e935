import alignprop, { alignpropOptions, createAlignprop } from '@draft/algorithm-alignprop';
import { createDraft } from '@draft/algorithm-draft';
import { createRandomSource, planFaults } from '@draft/core';
import { describe, expect, it } from 'vitest';

const context = (steps: number, seed: number) => ({ steps, random: createRandomSource(seed), iteration: 0 });

describe('alignprop', () => {
  it('draws the plan of DRaFT-K for a K that is uniform in 1..T', () => {
    const policy = alignprop.create(alignpropOptions.parse({}));
    policy.validate(10);
    const counts = new Array<number>(11).fill(0);
    for (let seed = 0; seed < 4000; seed += 1) {
      const plan = policy.plan(context(10, seed));
      expect(plan).toEqual(createDraft({ k: plan.train.length }).plan(context(10, seed)));
      counts[plan.train.length]! += 1;
    }
    expect(counts[0]).toBe(0);
    // Binomial with n = 4000, p = 1/10: five standard deviations are 95.
    for (const count of counts.slice(1)) expect(Math.abs(count - 400)).toBeLessThan(95);
  });

  it('plans soundly for any number of steps, the same for the same seed', () => {
    for (const steps of [1, 2, 7, 50]) {
      createAlignprop().validate(steps);
      for (let seed = 0; seed < 50; seed += 1) {
        const plan = createAlignprop().plan(context(steps, seed));
        expect(planFaults(plan)).toEqual([]);
        expect(createAlignprop().plan(context(steps, seed))).toEqual(plan);
      }
    }
  });

  it.each([{ k: 1 }, { m: 2 }])('refuses the options %j', (options) => {
    expect(alignpropOptions.safeParse(options).success).toBe(false);
  });
});
