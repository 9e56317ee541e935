import { DraftError, type Plan, planFaults, validatePlan } from '@draft/core';
import { describe, expect, it } from 'vitest';

const sound: Plan = { steps: 10, train: [8, 5, 2], stop: 2, detachInput: true, cutState: null, copies: 0 };

describe('validatePlan', () => {
  it('accepts sound plans', () => {
    expect(planFaults(sound)).toEqual([]);
    expect(planFaults({ ...sound, train: [1], stop: 0, detachInput: false, cutState: 1, copies: 2 })).toEqual(
      [],
    );
    expect(planFaults({ ...sound, steps: 1, train: [1], stop: 1 })).toEqual([]);
  });

  it.each<[string, Partial<Plan>]>([
    ['It has 0 sampling steps, not 1 or more.', { steps: 0, stop: 0 }],
    ['It stops at step 11, outside 0 to 10.', { stop: 11 }],
    ['It detaches the state before step 0, outside 1 to 10.', { cutState: 0 }],
    ['It has -1 noisy copies, not 0 or more.', { copies: -1 }],
    ['It trains no step.', { train: [] }],
    ['It trains step 1, but only the steps 2 to 10 are run.', { train: [8, 5, 1] }],
    ['It trains step 11, 2.5, but only the steps 2 to 10 are run.', { train: [11, 2.5] }],
    ['Its trained steps 5, 8 do not fall strictly.', { train: [5, 8] }],
    ['Its trained steps 5, 5 do not fall strictly.', { train: [5, 5] }],
    ['It trains step 8, but detaches the state before step 5.', { cutState: 5 }],
  ])('says: %s', (sentence, change) => {
    expect(planFaults({ ...sound, ...change })).toEqual([sentence]);
  });

  it('throws one error with a sentence for each fault', () => {
    try {
      validatePlan({ ...sound, train: [12, 12] });
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error) && error.code).toBe('DRAFT_PLAN_INVALID');
      expect((error as Error).message).toBe(
        'The training plan cannot be executed. It trains step 12, 12, but only the steps 2 to 10 are run. ' +
          'Its trained steps 12, 12 do not fall strictly.',
      );
    }
  });
});
