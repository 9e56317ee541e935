import { DraftError, type NoiseSchedule, type Sampler, sigmaAt, sigmasOf } from '@draft/core';
import { type ConformanceCheck, expectThat, reasonOf } from './conformance-check.js';
import { checkedOptions, optionsChecks } from './options-checks.js';
import type { AnySamplerPlugin, GivenOptions } from './plugin-under-test.js';

/** How a sampler is tested. */
export interface SamplerSettings {
  /** @default {} */
  readonly options?: GivenOptions;
  /** Numbers of steps. @default [1, 4, 20, 50] */
  readonly steps?: readonly number[];
}

/** Stable Diffusion's schedule: `β` linear in its square root from 0.00085 to 0.012. */
const schedule: NoiseSchedule = {
  alphasCumprod: (() => {
    const [from, to] = [Math.sqrt(0.00085), Math.sqrt(0.012)];
    let product = 1;
    return Float64Array.from({ length: 1000 }, (_, i) => {
      product *= 1 - (from + ((to - from) * i) / 999) ** 2;
      return product;
    });
  })(),
  predictionType: 'epsilon',
  stepsOffset: 1,
  setAlphaToOne: false,
};

const sigmas = sigmasOf(schedule);

/** Where a chain ends whose network knows the answer: `ε = (s·x − √ᾱ x₀) / √(1 − ᾱ)`. No noise is added. */
const endOfChain = (sampler: Sampler, steps: number, answer: number): number => {
  const { steps: table, initialNoiseScale } = sampler.table(steps, schedule);
  let x = initialNoiseScale * 0.7;
  let before = 0;
  for (const { timestep, inputScale, a, b, h, p, q } of table) {
    const sigma = sigmaAt(sigmas, timestep);
    const signal = 1 / Math.sqrt(sigma ** 2 + 1);
    const noise = (inputScale * x - signal * answer) / (signal * sigma);
    const clean = p * x + q * noise;
    x = a * x + b * noise + h * before;
    before = clean;
  }
  return x;
};

/** Everything that a sampler has to do. */
export const samplerChecks = (
  plugin: AnySamplerPlugin,
  { options = {}, steps: lengths = [1, 4, 20, 50] }: SamplerSettings = {},
): readonly ConformanceCheck[] => {
  const create = async (): Promise<Sampler> => plugin.create(await checkedOptions(plugin, options));
  return [
    ...optionsChecks(plugin, options),
    {
      title: 'gives a table of finite numbers, the same each time',
      async run() {
        const sampler = await create();
        for (const steps of lengths) {
          const table = sampler.table(steps, schedule);
          expectThat(
            table.steps.length === steps,
            `asked for ${steps} steps, it gives ${table.steps.length}`,
          );
          const numbers = [table.initialNoiseScale, ...table.steps.flatMap((step) => Object.values(step))];
          expectThat(numbers.every(Number.isFinite), `its table of ${steps} steps holds what is no number`);
          expectThat(
            table.steps[0]?.h === 0,
            'the first step has h ≠ 0, but there is no prediction before it',
          );
          const again = JSON.stringify(sampler.table(steps, schedule));
          expectThat(
            again === JSON.stringify(table),
            `its table of ${steps} steps changes from call to call`,
          );
        }
      },
    },
    {
      title: 'goes down in time',
      async run() {
        const sampler = await create();
        for (const steps of lengths) {
          const times = sampler.table(steps, schedule).steps.map(({ timestep }) => timestep);
          expectThat(
            times.every((time, i) => time >= 0 && time <= 999 && (i === 0 || time <= (times[i - 1] ?? 0))),
            `the timesteps ${times.join(', ')} do not fall within 999..0`,
          );
        }
      },
    },
    {
      title: 'ends at the picture that a perfect network predicts',
      async run() {
        const sampler = await create();
        // Samplers in diffusers end at ᾱ₀ = 0.9991 instead of 1, and leave 3 % of noise.
        for (const answer of [-1, 0, 2]) {
          const end = endOfChain(sampler, 50, answer);
          expectThat(Math.abs(end - answer) < 0.1, `after 50 steps it is at ${end}, not at ${answer}`);
        }
      },
    },
    {
      title: 'refuses numbers of steps that make no chain',
      async run() {
        const sampler = await create();
        for (const steps of [0, 1001, 2.5, Number.NaN]) {
          let thrown: unknown;
          try {
            sampler.table(steps, schedule);
          } catch (error) {
            thrown = error;
          }
          expectThat(thrown !== undefined, `it gives a table of ${steps} steps: call requireSteps`);
          expectThat(DraftError.is(thrown), `${steps} steps throw no DraftError: ${reasonOf(thrown)}`);
        }
      },
    },
  ];
};
