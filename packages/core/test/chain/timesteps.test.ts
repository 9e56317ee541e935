import { DraftError, roundHalfToEven, spreadTimesteps } from '@draft/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const spread = (spacing: 'leading' | 'trailing' | 'linspace', steps: number, offset = 1) =>
  spreadTimesteps({ steps, trainingSteps: 1000, spacing, offset });

describe('spreadTimesteps', () => {
  // Values printed by diffusers 0.42.1.
  it('lays leading steps over multiples of the stride, shifted by the offset', () => {
    expect(spread('leading', 4)).toEqual([751, 501, 251, 1]);
    expect(spread('leading', 50).slice(0, 2)).toEqual([981, 961]);
    expect(spread('leading', 50).slice(-2)).toEqual([21, 1]);
  });

  it('ends trailing steps at the stride, not at zero', () => {
    expect(spread('trailing', 1)).toEqual([999]);
    expect(spread('trailing', 4)).toEqual([999, 749, 499, 249]);
  });

  it('lays linspace steps from the last timestep to the first', () => {
    expect(spread('linspace', 6)).toEqual([999, 799, 599, 400, 200, 0]);
    expect(spread('linspace', 1)).toEqual([0]);
  });

  it('keeps fractions where asked', () => {
    const options = {
      steps: 3,
      trainingSteps: 1000,
      spacing: 'linspace',
      offset: 0,
      fractional: true,
    } as const;
    expect(spreadTimesteps(options)).toEqual([999, 499.5, 0]);
  });

  it('falls strictly and stays within the training timesteps, for every count and spacing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom('leading' as const, 'trailing' as const, 'linspace' as const),
        fc.integer({ min: 0, max: 1 }),
        (steps, spacing, offset) => {
          const timesteps = spread(spacing, steps, offset);
          expect(timesteps).toHaveLength(steps);
          expect(timesteps.every(Number.isInteger)).toBe(true);
          expect(timesteps.every((timestep, index) => timestep < (timesteps[index - 1] ?? 1000))).toBe(true);
          expect(timesteps.at(-1)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });

  it.each([0, -1, 2.5, Number.NaN, 1001])('refuses %s steps in one sentence', (steps) => {
    try {
      spread('leading', steps);
      expect.unreachable();
    } catch (error) {
      expect(DraftError.is(error) && error.code).toBe('DRAFT_SAMPLER_STEPS');
      expect(String(error)).toContain(`integer from 1 to 1000, not ${steps}.`);
    }
  });
});

describe('roundHalfToEven', () => {
  it('sends halves to the even neighbour', () => {
    expect([0.5, 1.5, 166.5, 937.5, -0.5, 2.4, 2.6].map(roundHalfToEven)).toEqual([0, 2, 166, 938, 0, 2, 3]);
  });
});
