import { type CurveSeries, drawCurve } from '@draft/core';
import type { Diagnosis, Repeated } from './diagnosis.js';

const means = (label: string, k: readonly number[], values: readonly Repeated[]): CurveSeries => ({
  label,
  x: k,
  y: values.map(({ mean }) => mean ?? Number.NaN),
});

const eachRepeat = (k: readonly number[], values: readonly Repeated[]): readonly CurveSeries[] => {
  const count = values[0]?.repeats.length ?? 0;
  return Array.from({ length: count }, (_, repeat) => ({
    label: `repeat ${repeat + 1}`,
    x: k,
    y: values.map(({ repeats }) => repeats[repeat] ?? Number.NaN),
  }));
};

const xLabel = 'K, trained steps at the end of the chain';

/** The figures of a diagnosis, SVG by file name; those of several rewards only where there are several. */
export const diagnosisFigures = ({
  k,
  norms,
  angles,
  rewards,
  cosines,
}: Diagnosis): Readonly<Record<string, string>> => {
  const curve = (series: readonly CurveSeries[], title: string, yLabel: string): string =>
    drawCurve(series, { title, xLabel, yLabel, smoothed: false });
  const repeats = norms[0]?.repeats.length ?? 0;
  const spread = (values: readonly Repeated[]): readonly CurveSeries[] =>
    repeats > 1 ? [means('mean', k, values), ...eachRepeat(k, values)] : [means('', k, values)];
  return {
    'gradient-norm.svg': curve(spread(norms), 'Norm of the gradient of DRaFT-K', 'norm'),
    'angle.svg': curve(spread(angles), 'Angle between the gradients of DRaFT-1 and DRaFT-K', 'degrees'),
    ...(rewards.length > 1
      ? {
          'reward-norms.svg': curve(
            rewards.map(({ name, weight, norms: own }) =>
              means(
                weight === 1 ? name : `${weight} · ${name}`,
                k,
                own.map(({ mean, repeats: all }) => ({
                  mean: mean === null ? null : Math.log10(Math.abs(weight) * mean),
                  repeats: all,
                })),
              ),
            ),
            "Each reward's share: norm of its weighted gradient",
            'log₁₀ of the norm',
          ),
          'reward-cosines.svg': curve(
            cosines.map(({ rewards: pair, cosines: own }) => means(pair.join(' · '), k, own)),
            'Cosine between the gradients of rewards, without weights',
            'cosine',
          ),
        }
      : {}),
  };
};
