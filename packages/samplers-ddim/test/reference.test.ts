import { ddimTable } from '@draft/sampler-ddim';
import { describe, expect, it } from 'vitest';
import { asRawOutput, relativeError } from '../../core/test/support/samplers/reference.js';
import { runChain } from '../../core/test/support/samplers/run-chain.js';
import { stableDiffusionSchedule } from '../../core/test/support/samplers/stable-diffusion-schedule.js';
import reference from './fixtures/schedule.json' with { type: 'json' };

/** One chain of the reference; coefficients are those of the network's raw output, whatever it predicts. */
interface Case {
  readonly steps: number;
  readonly spacing: 'leading' | 'trailing' | 'linspace';
  readonly prediction: string;
  readonly eta: number;
  readonly options?: {
    readonly set_alpha_to_one?: boolean;
    readonly beta_schedule?: string;
    readonly steps_offset?: number;
  };
  readonly timesteps: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly p: readonly number[];
  readonly q: readonly number[];
  readonly toy: readonly (readonly number[])[];
}

const cases = (reference.cases as readonly Case[]).filter(({ options }) => !options?.beta_schedule);
/** One unit in the last place of the schedule's float32 numbers, where our rounding differs from PyTorch's. */
const tolerance = 1e-6;
const names = ['a', 'b', 'c', 'p', 'q'] as const;

describe('ddimTable against the reference', () => {
  it.each(cases)('$steps steps, $spacing, $prediction, eta $eta', (entry) => {
    const schedule = stableDiffusionSchedule({
      setAlphaToOne: entry.options?.set_alpha_to_one ?? false,
      stepsOffset: entry.options?.steps_offset ?? 1,
    });
    const table = ddimTable(entry.steps, schedule, { eta: entry.eta, spacing: entry.spacing });
    const raw = table.steps.map((step) => asRawOutput(step, entry.prediction));
    const timesteps = table.steps.map((step) => step.timestep);
    expect(relativeError(timesteps, entry.timesteps)).toBeLessThan(1e-7); // float32 where fractional
    for (const name of names) {
      const column = raw.map((step) => step[name]);
      expect(relativeError(column, entry[name]), name).toBeLessThan(tolerance);
    }
    const { x, output, noise } = reference.toyInput;
    const chain = { ...table, steps: raw.map((step) => ({ ...step, inputScale: 1 })) };
    const columns = x.map((start, column) =>
      runChain(
        chain,
        start,
        (index) => (output[column]! * (index + 1)) / entry.steps,
        () => noise[column]!,
      ).slice(-entry.toy.length),
    );
    const states = entry.toy.flatMap((_, index) => columns.map((column) => column[index]!));
    expect(relativeError(states, entry.toy.flat())).toBeLessThan(2e-5); // the reference walks in float32
  });
});
