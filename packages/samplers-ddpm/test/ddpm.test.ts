import type { SamplerStep } from '@draft/core';
import ddpm, { ddpmOptions, ddpmTable } from '@draft/sampler-ddpm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runChain } from '../../core/test/support/samplers/run-chain.js';
import { stableDiffusionSchedule } from '../../core/test/support/samplers/stable-diffusion-schedule.js';

const schedule = stableDiffusionSchedule();

/** Whether each timestep lies below the one before it. */
const falls = (steps: readonly SamplerStep[]) =>
  steps.every(({ timestep }, index) => timestep < (steps[index - 1]?.timestep ?? 1000));

const spacings = fc.constantFrom('leading' as const, 'trailing' as const, 'linspace' as const);
const counts = fc.integer({ min: 1, max: 1000 });

describe('ddpmTable', () => {
  // Values printed by diffusers 0.42.1, DDPMScheduler with 50 steps.
  it('agrees with the reference on the added variance', () => {
    const { steps } = ddpmTable(50, schedule, 'leading');
    expect(steps[0]!.timestep).toBe(981);
    expect(steps[0]!.c ** 2).toBeCloseTo(0.2065369189, 6);
    expect(steps[24]!.timestep).toBe(501);
    expect(steps[24]!.c ** 2).toBeCloseTo(0.0868980139, 6);
  });

  it('draws from the posterior: its mean and variance follow from Bayes’ rule', () => {
    const alphas = schedule.alphasCumprod;
    const { steps } = ddpmTable(50, schedule, 'leading');
    for (const [index, step] of steps.slice(0, -1).entries()) {
      const here = alphas[step.timestep]!;
      const next = alphas[steps[index + 1]!.timestep]!;
      // q(x' | x₀) = N(√ᾱ' x₀, 1−ᾱ') and q(x | x') = N(√(ᾱ/ᾱ') x', 1−ᾱ/ᾱ'): precisions add up.
      const precision = 1 / (1 - next) + here / next / (1 - here / next);
      expect(step.c ** 2).toBeCloseTo(1 / precision, 9);
      const [x, x0] = [0.4, -0.9];
      const epsilon = (step.p * x - x0) / -step.q;
      const mean =
        ((Math.sqrt(next) * x0) / (1 - next) + (Math.sqrt(here / next) * x) / (1 - here / next)) / precision;
      expect(step.a * x + step.b * epsilon).toBeCloseTo(mean, 9);
    }
  });

  it('ends on the clean prediction without noise, whatever the schedule ends at', () => {
    for (const setAlphaToOne of [true, false]) {
      const last = ddpmTable(10, stableDiffusionSchedule({ setAlphaToOne }), 'leading').steps.at(-1)!;
      expect(last.c).toBe(0);
      expect(last.a).toBeCloseTo(last.p, 12);
      expect(last.b).toBeCloseTo(last.q, 12);
    }
  });

  it('gives the target back when the network knows it, noise or not', () => {
    const table = ddpmTable(5, schedule, 'trailing');
    const oracle = (index: number, state: number) =>
      (table.steps[index]!.p * state - 0.3) / -table.steps[index]!.q;
    expect(runChain(table, 1.2, oracle, (index) => index - 2).at(-1)).toBeCloseTo(0.3, 9);
  });

  it('is finite with falling timesteps, and noisy in all steps but the last, for every count and spacing', () => {
    fc.assert(
      fc.property(counts, spacings, (count, spacing) => {
        const { steps } = ddpmTable(count, schedule, spacing);
        expect(steps).toHaveLength(count);
        expect(steps.every((entry) => Object.values(entry).every(Number.isFinite))).toBe(true);
        expect(falls(steps)).toBe(true);
        expect(steps.every(({ c }, index) => c > 0 === index < count - 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('ddpm', () => {
  it('takes its spacing from the options, then the checkpoint, then the default', () => {
    const first = (spacing?: 'linspace', own?: 'trailing') =>
      ddpm.create({ spacing }).table(4, stableDiffusionSchedule(own ? { timestepSpacing: own } : {}))
        .steps[1]!.timestep;
    expect([first(), first(undefined, 'trailing'), first('linspace', 'trailing')]).toEqual([501, 749, 666]);
  });

  it('validates its options strictly', () => {
    expect(ddpmOptions.parse({})).toEqual({});
    expect(ddpmOptions.safeParse({ eta: 1 }).success).toBe(false);
  });
});
