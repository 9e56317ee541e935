import { type Tensor4D, tf } from '@draft/core';
import { beforeAll, expect, it } from 'vitest';
import { parseNoiseSchedule } from '../src/index.js';
import { createNoisePrediction } from '../src/schedule/noise-prediction.js';

const options = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const velocity = parseNoiseSchedule({ ...options, prediction_type: 'v_prediction' });
const output = () => tf.tensor4d([0.1, -0.2, 0.3, 1], [1, 2, 2, 1]);
const latents = () => tf.tensor4d([0.5, -1, 2, 0.25], [1, 2, 2, 1]);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

it('takes a predicted noise as it is', () => {
  const prediction = createNoisePrediction(parseNoiseSchedule(options));
  const out = output();
  expect(prediction.noise(out, latents(), tf.scalar(500))).toBe(out);
  prediction.dispose();
});

it.each([0, 1, 500, 999])('turns a velocity at timestep %i into √ᾱ v + √(1−ᾱ) x', (timestep) => {
  const prediction = createNoisePrediction(velocity);
  const alpha = velocity.alphasCumprod[timestep]!;
  const [v, x] = [output().dataSync(), latents().dataSync()];
  const noise = prediction.noise(output(), latents(), tf.scalar(timestep, 'int32')).dataSync();
  // float32 roundings.
  noise.forEach((value, i) => {
    expect(value).toBeCloseTo(Math.sqrt(alpha) * v[i]! + Math.sqrt(1 - alpha) * x[i]!, 6);
  });
  prediction.dispose();
});

it('takes the noise level between two timesteps from both, and stays within the table', () => {
  const prediction = createNoisePrediction(velocity);
  const sigma = (t: number) => Math.sqrt((1 - velocity.alphasCumprod[t]!) / velocity.alphasCumprod[t]!);
  const expected = (s: number) => (0.1 + 0.5 * s) / Math.sqrt(1 + s * s);
  const first = (t: number) => prediction.noise(output(), latents(), tf.scalar(t)).dataSync()[0];
  expect(first(500.25)).toBeCloseTo(expected(0.75 * sigma(500) + 0.25 * sigma(501)), 6);
  expect(first(1200)).toBeCloseTo(expected(sigma(999)), 6);
  expect(first(-3)).toBeCloseTo(expected(sigma(0)), 6);
  prediction.dispose();
});

it('takes a timestep for each sample', () => {
  const prediction = createNoisePrediction(velocity);
  const [v, x] = [tf.concat([output(), output()]), tf.concat([latents(), latents()])] as [Tensor4D, Tensor4D];
  const both = prediction.noise(v, x, tf.tensor1d([20, 700])).dataSync();
  const each = [20, 700].flatMap((t) => [...prediction.noise(output(), latents(), tf.scalar(t)).dataSync()]);
  expect([...both]).toEqual(each);
  prediction.dispose();
});

it('is differentiable in the output and in the latents, and leaves no tensor behind', () => {
  const before = tf.memory().numTensors;
  const prediction = createNoisePrediction(velocity);
  const alpha = velocity.alphasCumprod[300]!;
  tf.tidy(() => {
    const f = (v: Tensor4D, x: Tensor4D) => tf.sum(prediction.noise(v, x, tf.scalar(300)));
    const [dv, dx] = tf.grads(f as never)([output(), latents()]);
    for (const value of dv!.dataSync()) expect(value).toBeCloseTo(Math.sqrt(alpha), 6);
    for (const value of dx!.dataSync()) expect(value).toBeCloseTo(Math.sqrt(1 - alpha), 6);
  });
  prediction.dispose();
  prediction.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
