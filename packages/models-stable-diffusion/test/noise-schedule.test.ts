import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNoiseSchedule } from '../src/index.js';

interface Reference {
  readonly options: Readonly<Record<string, unknown>>;
  readonly alphas_cumprod: readonly number[];
}

const reference = JSON.parse(
  readFileSync(new URL('../../core/test/fixtures/noise-schedules.json', import.meta.url), 'utf8'),
) as Readonly<Record<'scaled_linear' | 'linear', Reference>>;

const published = {
  _class_name: 'PNDMScheduler',
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
  clip_sample: false,
};

describe('the noise schedule', () => {
  it.each(['scaled_linear', 'linear'] as const)("has diffusers' ᾱ to the bit: %s", (kind) => {
    const { options, alphas_cumprod } = reference[kind];
    const { alphasCumprod } = parseNoiseSchedule(options);
    expect([...alphasCumprod]).toEqual(alphas_cumprod.map(Math.fround));
  });

  it('of Stable Diffusion 1.x has the values and the settings that it is known for', () => {
    const { alphasCumprod, ...settings } = parseNoiseSchedule(published);
    for (const [timestep, alpha] of [
      [0, 0.9991499782],
      [100, 0.8942231536],
      [500, 0.2763324678],
      [981, 0.0057754959],
      [999, 0.0046600951],
    ] as const) {
      expect(alphasCumprod[timestep]).toBeCloseTo(alpha, 10);
    }
    expect(settings).toEqual({ predictionType: 'epsilon', stepsOffset: 1, setAlphaToOne: false });
  });

  it('reads what the file says, and takes its betas where they are listed', () => {
    const schedule = parseNoiseSchedule({
      num_train_timesteps: 3,
      trained_betas: [0.1, 0.2, 0.5],
      prediction_type: 'v_prediction',
      timestep_spacing: 'trailing',
    });
    expect(schedule).toMatchObject({
      predictionType: 'v_prediction',
      timestepSpacing: 'trailing',
      stepsOffset: 0,
      setAlphaToOne: true,
    });
    [0.9, 0.72, 0.36].forEach((alpha, t) => {
      expect(schedule.alphasCumprod[t]).toBeCloseTo(alpha, 6);
    });
  });

  it('falls from below 1 to above 0, whatever the betas', () => {
    const beta = fc.double({ min: 1e-5, max: 0.02, noNaN: true });
    fc.assert(
      fc.property(beta, beta, fc.constantFrom('linear', 'scaled_linear'), (a, b, beta_schedule) => {
        const options = { beta_start: Math.min(a, b), beta_end: Math.max(a, b), beta_schedule };
        const { alphasCumprod } = parseNoiseSchedule(options);
        expect(alphasCumprod).toHaveLength(1000);
        expect(alphasCumprod[0]).toBeLessThan(1);
        expect(alphasCumprod.every((alpha, t) => t === 0 || alpha < alphasCumprod[t - 1]!)).toBe(true);
        expect(alphasCumprod[999]).toBeGreaterThan(0);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [null, 'INVALID', /no JSON object/],
    [{ beta_start: 2 }, 'INVALID', /"beta_start": 2, but it must be a number between 0 and 1/],
    [{ num_train_timesteps: 0 }, 'INVALID', /"num_train_timesteps": 0/],
    [{ steps_offset: -1 }, 'INVALID', /"steps_offset": -1/],
    [{ set_alpha_to_one: 'no' }, 'INVALID', /"set_alpha_to_one": "no"/],
    [{ trained_betas: [0.1] }, 'INVALID', /must be 1000 numbers/],
    [{ beta_schedule: 'squaredcos_cap_v2' }, 'UNSUPPORTED', /only "scaled_linear" and "linear"/],
    [{ prediction_type: 'sample' }, 'UNSUPPORTED', /only "epsilon" and "v_prediction"/],
    [{ timestep_spacing: 'random' }, 'UNSUPPORTED', /"leading" and "trailing" and "linspace"/],
    [{ rescale_betas_zero_snr: true }, 'UNSUPPORTED', /rescale_betas_zero_snr/],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler' }, 'UNSUPPORTED', /only schedulers with betas/],
  ])('%j is refused in one sentence', (json, code, message) => {
    expect(() => parseNoiseSchedule(json)).toThrow(message);
    expect(() => parseNoiseSchedule(json)).toThrow(expect.objectContaining({ code: `DRAFT_CONFIG_${code}` }));
  });
});
