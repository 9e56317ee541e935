import { DraftError, type NoiseSchedule, type PredictionType, type TimestepSpacing } from '@draft/core';
import { linearSpacing } from './linear-spacing.js';

const predictionTypes: readonly string[] = ['epsilon', 'v_prediction'] satisfies readonly PredictionType[];
const spacings: readonly string[] = ['leading', 'trailing', 'linspace'] satisfies readonly TimestepSpacing[];

const isBeta = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < 1;

/** `ᾱ_t = Π (1 − β_s)`: each value is rounded to float32, the product is kept in float64, as PyTorch has it. */
function cumulativeProduct(betas: Float32Array): Float64Array {
  let product = 1;
  return Float64Array.from(betas, (beta) => {
    product *= Math.fround(1 - beta);
    return Math.fround(product);
  });
}

/**
 * Reads `scheduler_config.json`, whichever scheduler of diffusers wrote it; absent fields take diffusers' defaults.
 * @throws DraftError `DRAFT_CONFIG_INVALID` or `DRAFT_CONFIG_UNSUPPORTED`, naming the field and its value.
 * @see https://huggingface.co/docs/diffusers/api/schedulers/ddim
 */
export function parseNoiseSchedule(json: unknown): NoiseSchedule {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new DraftError('DRAFT_CONFIG_INVALID', 'The scheduler_config.json holds no JSON object.');
  }
  const fields = json as Readonly<Record<string, unknown>>;
  const fail = (kind: 'INVALID' | 'UNSUPPORTED', field: string, problem: string): never => {
    throw new DraftError(
      `DRAFT_CONFIG_${kind}`,
      `The scheduler_config.json has "${field}": ${JSON.stringify(fields[field])}, but ${problem}.`,
    );
  };
  const beta = (field: string, fallback: number): number => {
    const value = fields[field] ?? fallback;
    return isBeta(value) ? value : fail('INVALID', field, 'it must be a number between 0 and 1');
  };
  const whole = (field: string, fallback: number, minimum: number): number => {
    const value = fields[field] ?? fallback;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= 1e6
      ? value
      : fail('INVALID', field, `it must be a whole number of at least ${minimum}`);
  };
  const flag = (field: string, fallback: boolean): boolean => {
    const value = fields[field] ?? fallback;
    return typeof value === 'boolean' ? value : fail('INVALID', field, 'it must be true or false');
  };
  const choice = <T extends string>(field: string, value: unknown, supported: readonly string[]): T =>
    supported.includes(value as string)
      ? (value as T)
      : fail('UNSUPPORTED', field, `only ${supported.map((name) => `"${name}"`).join(' and ')} can be used`);

  if (
    typeof fields._class_name === 'string' &&
    /^(FlowMatch|EDM|KarrasVe|ScoreSde)/.test(fields._class_name)
  ) {
    fail('UNSUPPORTED', '_class_name', 'only schedulers with betas can be used');
  }
  if (flag('rescale_betas_zero_snr', false)) {
    fail(
      'UNSUPPORTED',
      'rescale_betas_zero_snr',
      'only schedules that keep some signal at the last timestep can be used',
    );
  }
  const count = whole('num_train_timesteps', 1000, 1);
  const trained = fields.trained_betas ?? null;
  const start = beta('beta_start', 0.0001);
  const end = beta('beta_end', 0.02);
  const makeBetas = (): Float32Array => {
    if (trained !== null) {
      return Array.isArray(trained) && trained.length === count && trained.every(isBeta)
        ? Float32Array.from(trained)
        : fail('INVALID', 'trained_betas', `it must be ${count} numbers between 0 and 1`);
    }
    const kind = choice('beta_schedule', fields.beta_schedule ?? 'linear', ['scaled_linear', 'linear']);
    return kind === 'linear'
      ? linearSpacing(start, end, count)
      : linearSpacing(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
  };
  const spacing = fields.timestep_spacing ?? null;
  return {
    alphasCumprod: cumulativeProduct(makeBetas()),
    predictionType: choice('prediction_type', fields.prediction_type ?? 'epsilon', predictionTypes),
    ...(spacing === null
      ? {}
      : { timestepSpacing: choice<TimestepSpacing>('timestep_spacing', spacing, spacings) }),
    stepsOffset: whole('steps_offset', 0, 0),
    setAlphaToOne: flag('set_alpha_to_one', true),
  };
}
