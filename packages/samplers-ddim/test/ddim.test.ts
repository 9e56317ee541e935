import type { SamplerStep } from '@draft/core';
import ddim, { ddimOptions, ddimTable } from '@draft/sampler-ddim';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runChain } from '../../core/test/support/samplers/run-chain.js';
import { stableDiffusionSchedule } from '../../core/test/support/samplers/stable-diffusion-schedule.js';

const schedule = stableDiffusionSchedule();

/** Whether each timestep lies below the one before it. */
const falls = (steps: readonly SamplerStep[]) =>
  steps.every(({ timestep }, index) => timestep < (steps[index - 1]?.timestep ?? 1000));

const sample = [0.5, -1, 2, 0.25];
const epsilon = [0.1, -0.2, 0.3, 1];
const noise = [1, -1, 0.5, 0];

/** One step on the sample above. */
const step = (index: number, eta: number) => {
  const { a, b, c } = ddimTable(50, schedule, { eta, spacing: 'leading' }).steps[index]!;
  return sample.map((x, i) => a * x + b * epsilon[i]! + c * noise[i]!);
};

/** The reference computes its schedule in float32, whose error reaches 1e-6 in a product of 1000 factors. */
const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 5);
};

const spacings = fc.constantFrom('leading' as const, 'trailing' as const, 'linspace' as const);
const counts = fc.integer({ min: 1, max: 1000 });

describe('ddimTable', () => {
  // Values printed by diffusers 0.42.1, DDIMScheduler with 50 steps.
  it('agrees with the reference without noise', () => {
    expectClose(step(0, 0), [0.5491006374, -1.0982012749, 2.2087278366, 0.1574608684]); // t = 981
    expectClose(step(24, 0), [0.5184839964, -1.0369679928, 2.079679966, 0.2046720982]); // t = 501
    expectClose(step(49, 0), [0.4989996254, -0.9979992509, 1.9972126484, 0.2379651368]); // t = 1
  });

  it('agrees with the reference with eta = 1', () => {
    expectClose(step(0, 1), [0.9925955534, -1.5307278633, 2.4030544758, 0.0477770567]);
    expect(ddimTable(50, schedule, { eta: 1, spacing: 'leading' }).steps[0]!.c ** 2).toBeCloseTo(
      0.2065369189,
      6,
    );
  });

  it('carries a signal with known noise exactly from one level to the next when eta is 0', () => {
    fc.assert(
      fc.property(counts, spacings, fc.double({ min: -3, max: 3, noNaN: true }), (steps, spacing, e) => {
        const table = ddimTable(steps, schedule, { eta: 0, spacing });
        const stride = Math.floor(1000 / steps);
        for (const { timestep, a, b } of table.steps) {
          const here = schedule.alphasCumprod[timestep]!;
          const next = schedule.alphasCumprod[timestep - stride] ?? schedule.alphasCumprod[0]!;
          const x = Math.sqrt(here) * 0.7 + Math.sqrt(1 - here) * e;
          const error = a * x + b * e - (Math.sqrt(next) * 0.7 + Math.sqrt(1 - next) * e);
          if (Math.abs(error) > 1e-9) expect.fail(`timestep ${timestep} is off by ${error}`);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('is finite with falling timesteps for every count, spacing and eta', () => {
    fc.assert(
      fc.property(counts, spacings, fc.double({ min: 0, max: 1, noNaN: true }), (steps, spacing, eta) => {
        const table = ddimTable(steps, schedule, { eta, spacing });
        expect(table.steps).toHaveLength(steps);
        expect(table.steps.every((entry) => Object.values(entry).every(Number.isFinite))).toBe(true);
        expect(falls(table.steps)).toBe(true);
        if (eta === 0) expect(table.steps.every(({ c }) => c === 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('ends on the clean prediction itself where the schedule ends at 1', () => {
    const final = stableDiffusionSchedule({ setAlphaToOne: true });
    const last = ddimTable(10, final, { eta: 0, spacing: 'leading' }).steps.at(-1)!;
    expect(last.a).toBeCloseTo(last.p, 12);
    expect(last.b).toBeCloseTo(last.q, 12);
  });

  it('gives the target back when the network knows it', () => {
    const final = stableDiffusionSchedule({ setAlphaToOne: true });
    const table = ddimTable(5, final, { eta: 0, spacing: 'trailing' });
    const oracle = (index: number, state: number) =>
      (table.steps[index]!.p * state - 0.3) / -table.steps[index]!.q;
    expect(runChain(table, 1.2, oracle).at(-1)).toBeCloseTo(0.3, 9);
  });
});

describe('ddim', () => {
  it('takes its spacing from the options, then the checkpoint, then the default', () => {
    const first = (spacing?: 'linspace', own?: 'trailing') =>
      ddim.create({ eta: 0, spacing }).table(4, stableDiffusionSchedule(own ? { timestepSpacing: own } : {}))
        .steps[0]!.timestep;
    expect([first(), first(undefined, 'trailing'), first('linspace', 'trailing')]).toEqual([751, 999, 999]);
  });

  it('validates its options strictly', () => {
    expect(ddimOptions.parse({})).toEqual({ eta: 0 });
    expect(ddimOptions.safeParse({ eta: 1.5 }).success).toBe(false);
    expect(ddimOptions.safeParse({ etta: 1 }).success).toBe(false);
  });

  it('refuses a number of steps that has no table', () => {
    expect(() => ddim.create({ eta: 0 }).table(0, schedule)).toThrow('integer from 1 to 1000, not 0.');
  });
});
