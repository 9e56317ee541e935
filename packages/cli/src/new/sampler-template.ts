import type { PluginNames } from './plugin-names.js';
import type { PluginTemplate } from './plugin-sources.js';

/** What a new sampler begins as: Euler steps of the probability flow, to be replaced. */
export const samplerTemplate = ({ type }: PluginNames): PluginTemplate => ({
  summary: 'Euler steps from the last training timestep down.',
  option:
    "power: z.number().positive().default(1).describe('How the steps crowd at low noise; 1 spreads them evenly.'),",
  imports: 'requireSteps, type Sampler, sigmaAt, sigmasOf',
  create: `/**
 * Makes the sampler. The state is \`x = x₀ + σ ε\`, the network sees \`x / √(σ² + 1)\`, and a step is
 * \`x_next = x + (σ' − σ) ε\`, down to \`σ' = 0\`.
 */
export const create${type} = ({ power }: ${type}Options): Sampler => ({
  table(steps, schedule) {
    requireSteps(steps, schedule.alphasCumprod.length);
    const training = sigmasOf(schedule);
    const last = training.length - 1;
    const timesteps = Array.from({ length: steps }, (_, i) => last * (1 - i / steps) ** power);
    const sigmas = timesteps.map((timestep) => sigmaAt(training, timestep));
    return {
      initialNoiseScale: sigmas[0] ?? 1,
      steps: timesteps.map((timestep, i) => {
        const sigma = sigmas[i] ?? 0;
        const inputScale = 1 / Math.sqrt(sigma ** 2 + 1);
        return { timestep, inputScale, a: 1, b: (sigmas[i + 1] ?? 0) - sigma, h: 0, c: 0, p: 1, q: -sigma };
      }),
    };
  },
});
`,
  test: `  it('begins at the last training timestep', () => {
    const alphasCumprod = Float64Array.from({ length: 1000 }, (_, i) => 1 - (i + 1) / 1001);
    const schedule = { alphasCumprod, predictionType: 'epsilon', stepsOffset: 0, setAlphaToOne: true };
    const { steps } = create${type}({ power: 1 }).table(4, schedule);
    assert.deepEqual(steps.map(({ timestep }) => timestep), [999, 749.25, 499.5, 249.75]);
  });
`,
});
