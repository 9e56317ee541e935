import { DraftError } from '@draft/core';
import lcm, { lcmOptions, lcmTable } from '@draft/sampler-lcm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stableDiffusionSchedule } from '../../core/test/support/samplers/stable-diffusion-schedule.js';

const schedule = stableDiffusionSchedule();

describe('lcmTable', () => {
  // As diffusers 0.42.1 prints them for LCMScheduler.
  it.each([
    [4, [999, 759, 499, 259]],
    [8, [999, 879, 759, 639, 499, 379, 259, 139]],
    [1, [999]],
  ])('has the timesteps of the reference for %d steps', (steps, expected) => {
    expect(lcmTable(steps, schedule, 50).steps.map(({ timestep }) => timestep)).toEqual(expected);
  });

  it('keeps the clean latents at the end, and noises them to the next level before', () => {
    const { steps } = lcmTable(4, schedule, 50);
    for (const [index, { a, b, c, p, q }] of steps.entries()) {
      const following = steps[index + 1];
      const alpha = following ? schedule.alphasCumprod[following.timestep]! : 1;
      expect(a).toBeCloseTo(Math.sqrt(alpha) * p, 12);
      expect(b).toBeCloseTo(Math.sqrt(alpha) * q, 12);
      expect(c ** 2 + alpha).toBeCloseTo(1, 12);
    }
  });

  it('gives the target back when the network knows it', () => {
    for (const { timestep, p, q } of lcmTable(4, schedule, 50).steps) {
      const alpha = schedule.alphasCumprod[timestep]!;
      const x = Math.sqrt(alpha) * 0.3 + Math.sqrt(1 - alpha) * 0.7;
      // The boundary condition leaves 1e-9 of the noise in.
      expect(p * x + q * 0.7).toBeCloseTo(0.3, 6);
    }
  });

  it('is finite and falls for every count that the model knows, and refuses more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100 }), (count, original) => {
        if (count > original) {
          expect(() => lcmTable(count, schedule, original)).toThrow(DraftError);
          return;
        }
        const { steps } = lcmTable(count, schedule, original);
        expect(steps.every((step) => Object.values(step).every(Number.isFinite))).toBe(true);
        expect(steps.every(({ timestep }, i) => timestep < (steps[i - 1]?.timestep ?? 1000))).toBe(true);
      }),
    );
  });
});

describe('lcm', () => {
  it('validates its options strictly', () => {
    expect(lcmOptions.parse({})).toEqual({ originalSteps: 50 });
    expect(lcmOptions.safeParse({ steps: 3 }).success).toBe(false);
    expect(lcm.create({ originalSteps: 10 }).table(2, schedule).steps[1]!.timestep).toBe(499);
  });
});
