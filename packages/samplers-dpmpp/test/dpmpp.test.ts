import { type SamplerStep, sigmasOf } from '@draft/core';
import dpmpp, { dpmppOptions, dpmppTable, karrasSigmas, nearestTimestep } from '@draft/sampler-dpmpp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runChain } from '../../core/test/support/samplers/run-chain.js';
import { stableDiffusionSchedule } from '../../core/test/support/samplers/stable-diffusion-schedule.js';

const schedule = stableDiffusionSchedule();

/** Whether each timestep lies below the one before it. */
const falls = (steps: readonly SamplerStep[]) =>
  steps.every(({ timestep }, index) => timestep < (steps[index - 1]?.timestep ?? 1000));

const linspace = { spacing: 'linspace', karras: false } as const;
const spacings = fc.constantFrom('leading' as const, 'trailing' as const, 'linspace' as const);

// Values printed by diffusers 0.42.1, DPMSolverMultistepScheduler. Its schedule is float32: five digits.
const trajectory = {
  first: [1.3758384, 2.815289, 4.5083046, 5.9574866, 6.8050776],
  second: [-2.7516768, -5.630578, -9.0166092, -11.9149732, -13.6101551],
  third: [5.5401011, 11.3916321, 18.2969379, 24.2311745, 27.7396417],
  fourth: [0.3388219, 0.1681305, -0.2511853, -0.8329344, -1.5310978],
};

describe('dpmppTable', () => {
  it('agrees with the reference along a whole trajectory', () => {
    const table = dpmppTable(5, schedule, linspace);
    expect(table.steps.map(({ timestep }) => timestep)).toEqual([999, 799, 599, 400, 200]);
    for (const [index, sigma] of [14.614647, 5.087765, 2.276464, 1.164392, 0.571666].entries()) {
      expect(-table.steps[index]!.q / table.steps[index]!.p).toBeCloseTo(
        sigma / Math.sqrt(sigma ** 2 + 1),
        5,
      );
    }
    const cases = [
      { start: 0.5, epsilon: 0.1, expected: trajectory.first },
      { start: -1, epsilon: -0.2, expected: trajectory.second },
      { start: 2, epsilon: 0.3, expected: trajectory.third },
      { start: 0.25, epsilon: 1, expected: trajectory.fourth },
    ];
    for (const { start, epsilon, expected } of cases) {
      const states = runChain(table, start, (index) => (epsilon * (index + 1)) / 5);
      for (const [index, value] of expected.entries()) expect(states[index]! / value).toBeCloseTo(1, 5);
    }
  });

  it('spreads leading steps over one interval more than there are steps', () => {
    const timesteps = dpmppTable(20, schedule, { spacing: 'leading', karras: false }).steps.map(
      (s) => s.timestep,
    );
    expect([timesteps[0], timesteps[1], timesteps.at(-1)]).toEqual([941, 894, 48]);
  });

  it('is of first order in its first and in its last step, and ends on the clean prediction', () => {
    const { steps } = dpmppTable(6, schedule, linspace);
    expect(steps.map(({ h }) => h !== 0)).toEqual([false, true, true, true, true, false]);
    expect(steps.at(-1)).toMatchObject({ a: steps.at(-1)!.p, b: steps.at(-1)!.q });
  });

  it('gives the target back when the network knows it, from the right state for any noise', () => {
    const table = dpmppTable(8, schedule, linspace);
    const oracle = (index: number, state: number) =>
      (table.steps[index]!.p * state - 0.3) / -table.steps[index]!.q;
    expect(runChain(table, 1.2, oracle).at(-1)).toBeCloseTo(0.3, 9);
  });

  it('solves a constant clean prediction exactly: x keeps its noise, scaled to each level', () => {
    const table = dpmppTable(9, schedule, linspace);
    const noise = 0.8;
    const level = (index: number) => {
      const p = table.steps[index]!.p;
      return { alpha: 1 / p, sigma: Math.sqrt(1 - 1 / p ** 2) };
    };
    const start = level(0).alpha * 0.3 + level(0).sigma * noise;
    const states = runChain(table, start, () => noise);
    for (const [index, state] of states.slice(0, -1).entries()) {
      const { alpha, sigma } = level(index + 1);
      expect(state).toBeCloseTo(alpha * 0.3 + sigma * noise, 9);
    }
  });

  it('is finite with falling timesteps for every count and spacing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), spacings, (count, spacing) => {
        const { steps } = dpmppTable(count, schedule, { spacing, karras: false });
        expect(steps).toHaveLength(count);
        expect(steps.every((entry) => Object.values(entry).every(Number.isFinite))).toBe(true);
        expect(falls(steps)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a count that leaves two steps at the same noise level', () => {
    expect(() => dpmppTable(1000, schedule, linspace)).toThrow(
      'at most 999 steps in linspace spacing, not 1000.',
    );
    expect(() => dpmppTable(0.5, schedule, linspace)).toThrow('integer from 1 to 1000, not 0.5.');
  });
});

describe('karrasSigmas', () => {
  it('agrees with the reference', () => {
    const training = sigmasOf(schedule);
    const sigmas = karrasSigmas(5, training);
    for (const [index, sigma] of [14.614647, 4.796544, 1.274105, 0.247952, 0.029168].entries()) {
      expect(sigmas[index]).toBeCloseTo(sigma, 4);
    }
    expect(karrasSigmas(1, training)).toEqual([expect.closeTo(training[999]!, 9)]);
  });

  it('names the training timestep of each level', () => {
    const training = sigmasOf(schedule);
    expect([0, 1, 500, 998, 999].map((t) => nearestTimestep(training[t]!, training))).toEqual([
      0, 1, 500, 998, 999,
    ]);
  });

  it('gives finite tables whose timesteps never rise', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (count) => {
        const { steps } = dpmppTable(count, schedule, { spacing: 'linspace', karras: true });
        for (const [index, entry] of steps.entries()) {
          expect(Object.values(entry).every(Number.isFinite)).toBe(true);
          expect(entry.timestep).toBeLessThanOrEqual(steps[index - 1]?.timestep ?? 999);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('dpmpp', () => {
  it('takes its spacing from the options, then the checkpoint, then the default', () => {
    const second = (spacing?: 'leading', own?: 'trailing') =>
      dpmpp
        .create({ spacing, karras: false })
        .table(4, stableDiffusionSchedule(own ? { timestepSpacing: own } : {})).steps[1]!.timestep;
    expect([second(), second(undefined, 'trailing'), second('leading', 'trailing')]).toEqual([749, 749, 601]);
  });

  it('validates its options strictly', () => {
    expect(dpmppOptions.parse({})).toEqual({ karras: false });
    expect(dpmppOptions.safeParse({ order: 3 }).success).toBe(false);
  });
});
