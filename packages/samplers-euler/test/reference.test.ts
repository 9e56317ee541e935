import { eulerTable } from '@draft/sampler-euler';
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
  readonly inputScale: readonly number[];
  readonly initNoiseSigma: number;
  readonly timesteps: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly p: readonly number[];
  readonly q: readonly number[];
  readonly toy: readonly (readonly number[])[];
}

const cases = reference.cases as readonly Case[];
/** One unit in the last place of the schedule's float32 numbers, where our rounding differs from PyTorch's. */
const tolerance = 1e-6;
const names = ['a', 'b', 'c', 'p', 'q'] as const;

describe('eulerTable against the reference', () => {
  it.each(cases)('$steps steps, $spacing, $prediction', (entry) => {
    const schedule = stableDiffusionSchedule();
    const table = eulerTable(entry.steps, schedule, entry.spacing);
    const raw = table.steps.map((step) => asRawOutput(step, entry.prediction));
    const timesteps = table.steps.map((step) => step.timestep);
    expect(relativeError(timesteps, entry.timesteps)).toBeLessThan(1e-7); // float32 where fractional
    for (const name of names) {
      const column = raw.map((step) => step[name]);
      expect(relativeError(column, entry[name]), name).toBeLessThan(tolerance);
    }
    const scales = table.steps.map((step) => step.inputScale);
    expect(relativeError(scales, entry.inputScale)).toBeLessThan(tolerance);
    expect(relativeError([table.initialNoiseScale], [entry.initNoiseSigma])).toBeLessThan(tolerance);
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
