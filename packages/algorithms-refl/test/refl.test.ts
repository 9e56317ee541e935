import refl, { createRefl, reflOptions } from '@draft/algorithm-refl';
import { createRandomSource, DraftError, planFaults } from '@draft/core';
import { describe, expect, it } from 'vitest';

const context = (steps: number, seed: number) => ({ steps, random: createRandomSource(seed), iteration: 0 });

describe('refl', () => {
  it('trains the step at which it stops, drawn uniformly from two fifths of the steps by default', () => {
    const policy = refl.create(reflOptions.parse({}));
    policy.validate(50);
    const counts = new Array<number>(21).fill(0);
    for (let seed = 0; seed < 4000; seed += 1) {
      const plan = policy.plan(context(50, seed));
      const { stop } = plan;
      expect(plan).toEqual({
        steps: 50,
        train: [stop],
        stop,
        detachInput: false,
        cutState: stop,
        copies: 0,
      });
      counts[stop]! += 1;
    }
    expect(counts[0]).toBe(0);
    // Binomial with n = 4000, p = 1/20: five standard deviations are 69.
    for (const count of counts.slice(1)) expect(Math.abs(count - 200)).toBeLessThan(69);
  });

  it('ends at the last step where m is 1', () => {
    expect(createRefl({ m: 1 }).plan(context(50, 3))).toMatchObject({ train: [1], stop: 1, cutState: 1 });
  });

  it('plans soundly for every m that it accepts, the same for the same seed', () => {
    for (const [steps, m] of [
      [1, undefined],
      [2, 1],
      [7, 6],
      [50, 49],
    ] as const) {
      const policy = createRefl({ m });
      policy.validate(steps);
      for (let seed = 0; seed < 50; seed += 1) {
        const plan = policy.plan(context(steps, seed));
        expect(planFaults(plan)).toEqual([]);
        expect(policy.plan(context(steps, seed))).toEqual(plan);
      }
    }
  });

  it('names the option that the number of steps cannot satisfy', () => {
    try {
      createRefl({ m: 50 }).validate(50);
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error) && error.code).toBe('DRAFT_PLAN_INVALID');
      expect((error as Error).message).toBe(
        'The option m of refl is 50, but a chain of 50 sampling steps can end early at the steps 1 to 49 only.',
      );
    }
  });

  it.each([{ m: 0 }, { m: 1.5 }, { m: 'all' }, { M: 1 }])('refuses the options %j', (options) => {
    expect(reflOptions.safeParse(options).success).toBe(false);
  });
});
