import {
  createRandomSource,
  type GradientPolicy,
  modifyPolicy,
  type Plan,
  planFaults,
  stoppedAt,
  withEarlyStop,
  withStopGradient,
} from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const whole = (steps: number): Plan => ({
  steps,
  train: Array.from({ length: steps }, (_, index) => steps - index),
  stop: 0,
  detachInput: false,
  cutState: null,
  copies: 0,
});

const lastSteps = (steps: number, k: number): Plan => ({
  ...whole(steps),
  train: Array.from({ length: k }, (_, index) => k - index),
  cutState: k,
});

describe('stoppedAt', () => {
  it('drops the steps of a whole chain that are not run', () => {
    expect(stoppedAt(whole(5), 3)).toEqual({ ...whole(5), train: [5, 4, 3], stop: 3 });
  });

  it('turns DRaFT-1 into ReFL', () => {
    expect(stoppedAt(lastSteps(10, 1), 4)).toEqual({ ...lastSteps(10, 1), train: [4], stop: 4, cutState: 4 });
  });

  it('moves the end of a truncated chain, as far as the chain reaches', () => {
    expect(stoppedAt(lastSteps(10, 3), 4)).toMatchObject({ train: [6, 5, 4], stop: 4, cutState: 6 });
    expect(stoppedAt(lastSteps(5, 3), 4)).toMatchObject({ train: [5, 4], stop: 4, cutState: 5 });
  });

  it('stops at the highest trained step rather than train none', () => {
    const plan = { ...whole(10), train: [3, 1], detachInput: true };
    expect(stoppedAt(plan, 7)).toEqual({ ...plan, train: [3], stop: 3 });
  });
});

describe('modifyPolicy', () => {
  const policy = (plan: Plan): GradientPolicy => ({ validate: () => {}, plan: () => plan });
  const context = (seed: number) => ({ steps: 10, random: createRandomSource(seed), iteration: 0 });

  it('changes nothing by default', () => {
    expect(modifyPolicy(policy(lastSteps(10, 3)), {}).plan(context(1))).toEqual(lastSteps(10, 3));
  });

  it('applies both modifiers', () => {
    const plan = modifyPolicy(policy(whole(10)), { stopGradient: true, earlyStop: 4 }).plan(context(2));
    expect(plan).toEqual(withEarlyStop(withStopGradient(whole(10)), 4, createRandomSource(2)));
    expect(plan.detachInput).toBe(true);
    expect(plan.stop).toBeGreaterThan(0);
  });

  it('draws the end of the chain uniformly from 1 to m', () => {
    const counts = [0, 0, 0, 0, 0];
    const modified = modifyPolicy(policy(whole(10)), { earlyStop: 4 });
    for (let seed = 0; seed < 2000; seed += 1) counts[modified.plan(context(seed)).stop]! += 1;
    expect(counts[0]).toBe(0);
    // Binomial with n = 2000, p = 1/4: five standard deviations are 97.
    for (const count of counts.slice(1)) expect(Math.abs(count - 500)).toBeLessThan(97);
  });

  it('keeps every plan executable', () => {
    const shapes = fc.record({
      steps: fc.integer({ min: 2, max: 30 }),
      k: fc.nat(),
      m: fc.nat(),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(shapes, ({ steps, k, m, seed }) => {
        const random = createRandomSource(seed);
        const stop = 1 + (m % (steps - 1));
        for (const plan of [whole(steps), lastSteps(steps, 1 + (k % (steps - 1)))]) {
          expect(planFaults(withEarlyStop(withStopGradient(plan), stop, random))).toEqual([]);
        }
      }),
    );
  });

  it.each([-1, 1.5, 10])('refuses to stop early at %s of 10 steps', (earlyStop) => {
    expect(() => modifyPolicy(policy(whole(10)), { earlyStop }).validate(10)).toThrow(
      `The option earlyStop is ${earlyStop}, but a chain of 10 sampling steps can end early at the steps 1 to 9 only.`,
    );
  });

  it('passes on what the policy itself refuses', () => {
    const strict: GradientPolicy = {
      validate: () => {
        throw new Error('too short');
      },
      plan: () => whole(1),
    };
    expect(() => modifyPolicy(strict, { earlyStop: 0 }).validate(10)).toThrow('too short');
  });
});
