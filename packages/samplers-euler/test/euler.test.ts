import type { SamplerStep } from '@draft/core';
import euler, { eulerOptions, eulerTable } from '@draft/sampler-euler';
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

describe('eulerTable', () => {
  // Values printed by diffusers 0.42.1, EulerDiscreteScheduler with 4 steps. Its schedule is float32: five digits.
  it('agrees with the reference', () => {
    const table = eulerTable(4, schedule, 'leading');
    expect(table.steps.map(({ timestep }) => timestep)).toEqual([751, 501, 251, 1]);
    const sigmas = table.steps.map(({ q }) => -q);
    for (const [index, sigma] of [4.116698, 1.623693, 0.698399, 0.041314].entries()) {
      expect(sigmas[index]).toBeCloseTo(sigma, 5);
    }
    expect(table.initialNoiseScale).toBeCloseTo(4.236414, 5);
    const { a, b } = table.steps[0]!;
    const next = [0.5, -1, 2, 0.25].map((x, i) => a * x + b * [0.1, -0.2, 0.3, 1][i]!);
    for (const [index, value] of [0.2506994605, -0.501398921, 1.2520983219, -2.2430052757].entries()) {
      expect(next[index]).toBeCloseTo(value, 5);
    }
  });

  it('begins at the largest noise level where the chain begins at the last timestep', () => {
    expect(eulerTable(1, schedule, 'trailing').initialNoiseScale).toBeCloseTo(14.614647, 4);
    expect(eulerTable(4, schedule, 'trailing').steps.map(({ timestep }) => timestep)).toEqual([
      999, 749, 499, 249,
    ]);
  });

  // σ as SDXL-Turbo's four steps have them, and what follows for the first step.
  it('adds noise where it is ancestral, and none at the end', () => {
    const { steps } = eulerTable(4, schedule, 'trailing', true);
    const sigmas = [14.614647, 4.081731, 1.612887, 0.693205, 0];
    steps.forEach(({ a, b, c, q }, index) => {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!];
      expect(-q).toBeCloseTo(sigma, 4);
      expect(a).toBe(1);
      // The variance of what is left and of what is added is that of the next level.
      expect(Math.hypot(sigma + b, c)).toBeCloseTo(next, 4);
      expect(c).toBeCloseTo(next * Math.sqrt(1 - (next / sigma) ** 2), 4);
    });
    expect(steps.at(-1)!.c).toBe(0);
  });

  it('gives the target back when the network knows it', () => {
    const table = eulerTable(6, schedule, 'linspace');
    const oracle = (index: number, scaled: number) => {
      const { inputScale, q } = table.steps[index]!;
      return (scaled / inputScale - 0.3) / -q;
    };
    expect(runChain(table, 5, oracle).at(-1)).toBeCloseTo(0.3, 9);
  });

  it('feeds the network unit variance', () => {
    fc.assert(
      fc.property(counts, spacings, (count, spacing) => {
        for (const { inputScale, q } of eulerTable(count, schedule, spacing).steps) {
          expect(inputScale ** 2 * (1 + q ** 2)).toBeCloseTo(1, 12);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is finite, deterministic and falls to zero noise for every count and spacing', () => {
    fc.assert(
      fc.property(counts, spacings, (count, spacing) => {
        const { steps } = eulerTable(count, schedule, spacing);
        expect(steps.every((entry) => Object.values(entry).every(Number.isFinite))).toBe(true);
        expect(falls(steps)).toBe(true);
        expect(steps.every(({ c }) => c === 0)).toBe(true);
        const sigma = steps.reduce((level, { b }) => level + b, -steps[0]!.q);
        expect(sigma).toBeCloseTo(0, 9);
      }),
      { numRuns: 60 },
    );
  });
});

describe('euler', () => {
  it('takes its spacing from the options, then the checkpoint, then the default', () => {
    const second = (spacing?: 'leading', own?: 'trailing') =>
      euler.create({ spacing }).table(3, stableDiffusionSchedule(own ? { timestepSpacing: own } : {}))
        .steps[1]!.timestep;
    expect([second(), second(undefined, 'trailing'), second('leading', 'trailing')]).toEqual([
      499.5, 666, 334,
    ]);
  });

  it('validates its options strictly', () => {
    expect(eulerOptions.parse({})).toEqual({});
    expect(eulerOptions.parse({ ancestral: true })).toEqual({ ancestral: true });
    expect(eulerOptions.safeParse({ spacing: 'karras' }).success).toBe(false);
  });
});
