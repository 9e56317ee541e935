import draft, { createDraft, draftOptions } from '@draft/algorithm-draft';
import { createRandomSource, DraftError, modifyPolicy, planFaults } from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const context = (steps: number) => ({ steps, random: createRandomSource(1), iteration: 0 });

describe('draft', () => {
  it('trains every step through the whole live chain by default', () => {
    const policy = draft.create(draftOptions.parse({}));
    expect(policy.plan(context(4))).toEqual({
      steps: 4,
      train: [4, 3, 2, 1],
      stop: 0,
      detachInput: false,
      cutState: null,
      copies: 0,
    });
  });

  it('trains the last K steps and cuts the chain in front of them', () => {
    expect(createDraft({ k: 2 }).plan(context(50))).toMatchObject({ train: [2, 1], cutState: 2, stop: 0 });
  });

  it('is DRaFT where K is the number of steps', () => {
    for (const steps of [1, 7, 50]) {
      expect(createDraft({ k: steps }).plan(context(steps))).toEqual(
        createDraft({ k: 'all' }).plan(context(steps)),
      );
    }
  });

  it('plans soundly for every K and number of steps that it accepts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (k, steps) => {
        const policy = createDraft({ k });
        if (k > steps) return;
        policy.validate(steps);
        const plan = policy.plan(context(steps));
        expect(planFaults(plan)).toEqual([]);
        expect(plan.train).toHaveLength(k);
      }),
    );
  });

  it('becomes ReFL with K = 1 and an early stop', () => {
    const policy = modifyPolicy(createDraft({ k: 1 }), { earlyStop: 20 });
    policy.validate(50);
    const stops = new Set<number>();
    for (let seed = 0; seed < 300; seed += 1) {
      const plan = policy.plan({ ...context(50), random: createRandomSource(seed) });
      expect(plan).toMatchObject({ train: [plan.stop], cutState: plan.stop, detachInput: false });
      stops.add(plan.stop);
    }
    expect([...stops].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('names the option that the number of steps cannot satisfy', () => {
    try {
      createDraft({ k: 60 }).validate(50);
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error) && error.code).toBe('DRAFT_PLAN_INVALID');
      expect((error as Error).message).toBe(
        'The option k of draft is 60, but there are only 50 sampling steps; give at most 50, or all.',
      );
    }
    expect(() => createDraft({ k: 'all' }).validate(1)).not.toThrow();
  });

  it.each([{ k: 0 }, { k: 1.5 }, { k: 'some' }, { K: 1 }])('refuses the options %j', (options) => {
    expect(draftOptions.safeParse(options).success).toBe(false);
  });
});
