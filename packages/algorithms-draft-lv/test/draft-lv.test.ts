import { createDraft } from '@draft/algorithm-draft';
import draftLv, { createDraftLv, draftLvOptions } from '@draft/algorithm-draft-lv';
import { createRandomSource, planFaults } from '@draft/core';
import { describe, expect, it } from 'vitest';

const context = (steps: number) => ({ steps, random: createRandomSource(1), iteration: 0 });

describe('draft-lv', () => {
  it('trains the last step and two noisy copies by default', () => {
    expect(draftLv.create(draftLvOptions.parse({})).plan(context(50))).toEqual({
      steps: 50,
      train: [1],
      stop: 0,
      detachInput: false,
      cutState: 1,
      copies: 2,
    });
  });

  it('is DRaFT-1 without copies', () => {
    for (const steps of [2, 7, 50]) {
      expect(createDraftLv({ n: 0, singleReward: false }).plan(context(steps))).toEqual(
        createDraft({ k: 1 }).plan(context(steps)),
      );
    }
  });

  it('says in its plans where the copies reuse the gradient of one reward', () => {
    expect(createDraftLv({ n: 3, singleReward: true }).plan(context(9))).toEqual({
      ...createDraftLv({ n: 3, singleReward: false }).plan(context(9)),
      singleReward: true,
    });
  });

  it.each([0, 1, 2, 9])('plans soundly with %i copies for any number of steps', (n) => {
    for (const [steps, singleReward] of [
      [1, true],
      [2, false],
      [50, true],
    ] as const) {
      createDraftLv({ n, singleReward }).validate(steps);
      expect(planFaults(createDraftLv({ n, singleReward }).plan(context(steps)))).toEqual([]);
    }
  });

  it.each([{ n: -1 }, { n: 1.5 }, { n: 'all' }, { N: 1 }, { singleReward: 1 }])(
    'refuses the options %j',
    (options) => {
      expect(draftLvOptions.safeParse(options).success).toBe(false);
    },
  );
});
