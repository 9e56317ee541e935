import drtune, { createDrtune, type DrtuneOptions, drtuneOptions } from '@draft/algorithm-drtune';
import { createRandomSource, DraftError, planFaults } from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const context = (steps: number, seed: number) => ({ steps, random: createRandomSource(seed), iteration: 0 });
const plans = (options: DrtuneOptions, steps: number, count: number) =>
  Array.from({ length: count }, (_, seed) => createDrtune(options).plan(context(steps, seed)));

describe('drtune', () => {
  it('detaches the network’s input, keeps the state and makes no copies', () => {
    for (const plan of plans({}, 50, 20)) {
      expect(plan).toMatchObject({ steps: 50, detachInput: true, cutState: null, copies: 0 });
    }
  });

  it('trains K equally spaced steps where nothing is cut off', () => {
    for (const { train, stop } of plans({ k: 5, m: 0 }, 50, 50)) {
      expect(stop).toBe(0);
      expect(train).toHaveLength(5);
      expect(train.slice(1).every((t, index) => train[index]! - t === 10)).toBe(true);
    }
  });

  it('draws the start uniformly, so that every step is trained as often as any other', () => {
    const counts = new Array<number>(51).fill(0);
    for (const { train } of plans({ k: 5, m: 0 }, 50, 4000)) for (const t of train) counts[t]! += 1;
    // Each step has 1 of 10 starts: binomial with n = 4000, p = 1/10, five standard deviations are 95.
    for (const count of counts.slice(1)) expect(Math.abs(count - 400)).toBeLessThan(95);
  });

  it('can train every step, also where K does not divide T and where sampling ends early', () => {
    for (const [steps, options] of [
      [50, {}],
      [25, { k: 3 }],
      [10, { k: 4, m: 3 }],
      [7, { k: 7, m: 2 }],
      [5, { k: 1, m: 4 }],
    ] as const) {
      const trained = new Set(plans(options, steps, 3000).flatMap(({ train }) => train));
      expect(trained.size, `${steps} steps`).toBe(steps);
    }
  });

  it('draws the end uniformly from 1 to m where each end leaves a step to train', () => {
    const counts = new Array<number>(21).fill(0);
    for (const { stop } of plans({ k: 5, m: 20 }, 50, 4000)) counts[stop]! += 1;
    expect(counts[0]).toBe(0);
    // Binomial with n = 4000, p = 1/20: five standard deviations are 69.
    for (const count of counts.slice(1)) expect(Math.abs(count - 200)).toBeLessThan(69);
  });

  it('drops trained steps that are not run, and lowers the end rather than train none', () => {
    const drawn = plans({ k: 1, m: 9 }, 10, 500);
    for (const { train, stop } of drawn) {
      expect(train).toHaveLength(1);
      expect(train[0]).toBeGreaterThanOrEqual(stop);
    }
    expect(drawn.some(({ train, stop }) => train[0] === stop)).toBe(true);
    expect(plans({ k: 5, m: 20 }, 50, 200).some(({ train }) => train.length < 5)).toBe(true);
  });

  it('takes a tenth and two fifths of the steps by default', () => {
    const drawn = plans({}, 50, 600);
    expect(Math.max(...drawn.map(({ train }) => train.length))).toBe(5);
    expect(Math.max(...drawn.map(({ stop }) => stop))).toBe(20);
    expect(plans({}, 1, 1)[0]).toMatchObject({ train: [1], stop: 1 });
    expect(plans({}, 4, 30).every(({ train, stop }) => train.length === 1 && stop <= 2)).toBe(true);
  });

  it('plans soundly for all options that it accepts, the same for the same seed', () => {
    const shapes = fc.record({
      steps: fc.integer({ min: 1, max: 60 }),
      k: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
      m: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(shapes, ({ steps, k, m, seed }) => {
        if ((k ?? 1) > steps || (m ?? 0) > Math.max(1, steps - 1)) return;
        const policy = drtune.create({ k, m });
        policy.validate(steps);
        const plan = policy.plan(context(steps, seed));
        expect(planFaults(plan)).toEqual([]);
        expect(policy.plan(context(steps, seed))).toEqual(plan);
      }),
    );
  });

  it.each<[DrtuneOptions, string]>([
    [{ k: 60 }, 'The option k of drtune is 60, but there are only 50 sampling steps; give at most 50.'],
    [
      { m: 50 },
      'The option m of drtune is 50, but a chain of 50 sampling steps can end early at the steps 1 to 49 only.',
    ],
  ])('names the option that the number of steps cannot satisfy: %j', (options, message) => {
    try {
      createDrtune(options).validate(50);
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error) && error.code).toBe('DRAFT_PLAN_INVALID');
      expect((error as Error).message).toBe(message);
    }
  });

  it.each([{ k: 0 }, { m: -1 }, { k: 'all' }, { K: 5 }])('refuses the options %j', (options) => {
    expect(drtuneOptions.safeParse(options).success).toBe(false);
  });
});
