import { dpmppTable } from '@draft/sampler-dpmpp';
import { describe, expect, it } from 'vitest';
import { asRawOutput, relativeError } from '../../core/test/support/samplers/reference.js';
import { runChain } from '../../core/test/support/samplers/run-chain.js';
import { stableDiffusionSchedule } from '../../core/test/support/samplers/stable-diffusion-schedule.js';
import reference from './fixtures/schedule.json' with { type: 'json' };

/** One chain of the reference: `x' = sample x + current m + previous m_before`, with clean predictions `m`. */
interface Case {
  readonly steps: number;
  readonly spacing: 'leading' | 'trailing' | 'linspace';
  readonly prediction: string;
  readonly timesteps: readonly number[];
  readonly sample: readonly number[];
  readonly current: readonly number[];
  readonly previous: readonly number[];
  readonly p: readonly number[];
  readonly q: readonly number[];
  readonly toy: readonly (readonly number[])[];
}

/** One unit in the last place of the schedule's float32 numbers, where our rounding differs from PyTorch's. */
const tolerance = 3e-6;

describe('dpmppTable against the reference', () => {
  it.each(reference.cases as readonly Case[])('$steps steps, $spacing, $prediction', (entry) => {
    const table = dpmppTable(entry.steps, stableDiffusionSchedule(), {
      spacing: entry.spacing,
      karras: false,
    });
    const raw = table.steps.map((step) => asRawOutput(step, entry.prediction));
    expect(table.steps.map((step) => step.timestep)).toEqual(entry.timesteps);
    // a x + b out + h m_before = sample x + current (p x + q out) + previous m_before
    const expected = {
      a: entry.sample.map((sample, index) => sample + entry.current[index]! * entry.p[index]!),
      b: entry.current.map((current, index) => current * entry.q[index]!),
      h: entry.previous,
      p: entry.p,
      q: entry.q,
    };
    for (const name of ['a', 'b', 'h', 'p', 'q'] as const) {
      const column = raw.map((step) => step[name]);
      expect(relativeError(column, expected[name]), name).toBeLessThan(tolerance);
    }
    const { x, output } = reference.toyInput;
    const columns = x.map((start, column) =>
      runChain(
        { ...table, steps: raw },
        start,
        (index) => (output[column]! * (index + 1)) / entry.steps,
      ).slice(-entry.toy.length),
    );
    const states = entry.toy.flatMap((_, index) => columns.map((column) => column[index]!));
    expect(relativeError(states, entry.toy.flat())).toBeLessThan(2e-5); // the reference walks in float32
  });
});
