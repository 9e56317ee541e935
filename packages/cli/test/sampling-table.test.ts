import lcm from '@draft/sampler-lcm';
import { expect, it } from 'vitest';
import { samplingTable } from '../src/setup/sampling-table.js';

const schedule = {
  alphasCumprod: Float64Array.from({ length: 1000 }, (_, i) => 1 - (i + 1) / 1001),
  predictionType: 'epsilon',
  stepsOffset: 1,
  setAlphaToOne: false,
} as const;

/** What is said of a guidance. */
const warnings = (guidance: number, builtInGuidance?: number) => {
  const lines: string[] = [];
  const model = { schedule, ...(builtInGuidance === undefined ? {} : { builtInGuidance }) };
  const sampler = { plugin: lcm as never, options: { originalSteps: 50 } };
  const { steps } = samplingTable(sampler, { steps: 4, guidance }, model, (line) => lines.push(line));
  expect(steps.map(({ timestep }) => timestep)).toEqual([999, 759, 499, 259]);
  return lines;
};

it('warns of guidance on top of what is built into a model', () => {
  expect(warnings(1, 8.5)).toEqual([]);
  expect(warnings(3, 8.5)).toEqual([
    'warning: this model imitates a guidance of 8.5 by itself, and --guidance 3 is applied on top of it: it is made for --guidance 1.',
  ]);
});

it('warns of much guidance with the sampler of consistency models, as with an LCM-LoRA', () => {
  expect(warnings(1)).toEqual([]);
  expect(warnings(2)).toEqual([]);
  expect(warnings(7.5)).toEqual([
    'warning: the sampler lcm is for models that have guidance built in, and --guidance 7.5 is applied on top of it: 1 is usual, 2 the most.',
  ]);
});
