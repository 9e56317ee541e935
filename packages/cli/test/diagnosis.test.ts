import { describe, expect, it } from 'vitest';
import { diagnose } from '../src/run/diagnosis.js';
import { diagnosisFigures } from '../src/run/diagnosis-figures.js';
import { anglesOf, combineDepths, normsOf, sumOverSteps } from '../src/run/gradient-depths.js';

const vector = (...values: number[]) => [Float32Array.from(values)];

describe('gradients by depth', () => {
  const depths = sumOverSteps([vector(1, 0), vector(0, 1), vector(-1, -1)]);

  it('adds what the steps add', () => {
    expect(depths.map(([part]) => [...part!])).toEqual([
      [1, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(normsOf(depths)).toEqual([1, Math.SQRT2, 0]);
  });

  it('measures the angle to the first, which a zero has not', () => {
    const [first, second, third] = anglesOf(depths);
    expect(first).toBe(0);
    expect(second).toBeCloseTo(45, 10);
    expect(third).toBeNull();
  });

  it('weights rewards', () => {
    const other = sumOverSteps([vector(0, 2), vector(0, 0), vector(1, 0)]);
    const combined = combineDepths([
      { weight: 2, depths },
      { weight: -1, depths: other },
    ]);
    expect(combined.map(([part]) => [...part!])).toEqual([
      [2, -2],
      [2, 0],
      [-1, -2],
    ]);
  });
});

describe('a diagnosis', () => {
  const walks = (...added: readonly (readonly Float32Array[])[]) => [
    sumOverSteps(added),
    sumOverSteps(added),
  ];
  const one = { name: 'one', weight: 1, score: 0.5, walks: walks(vector(3, 0), vector(0, 4)) };
  const other = { name: 'other', weight: 2, score: -1, walks: walks(vector(0, 1), vector(0, 0)) };

  it('is that of the weighted sum, and of each reward', () => {
    const found = diagnose([one, other]);
    expect(found.k).toEqual([1, 2]);
    expect(found.norms.map(({ mean }) => mean)).toEqual([Math.sqrt(13), Math.sqrt(45)]);
    expect(found.rewards.map(({ norms }) => norms.map(({ mean }) => mean))).toEqual([
      [3, 5],
      [1, 1],
    ]);
    expect(found.cosines).toEqual([
      {
        rewards: ['one', 'other'],
        cosines: [
          { mean: 0, repeats: [0, 0] },
          { mean: 0.8, repeats: [0.8, 0.8] },
        ],
      },
    ]);
  });

  it('has no mean where a repeat has no value', () => {
    const silent = { ...one, walks: [one.walks[0]!, sumOverSteps([vector(0, 0), vector(0, 1)])] };
    const { angles } = diagnose([silent]);
    expect(angles[0]).toEqual({ mean: null, repeats: [0, null] });
    expect(angles[1]!.mean).toBeNull();
  });

  it('draws the rewards only where there are several', () => {
    expect(Object.keys(diagnosisFigures(diagnose([one])))).toEqual(['gradient-norm.svg', 'angle.svg']);
    const figures = diagnosisFigures(diagnose([one, other]));
    expect(Object.keys(figures)).toEqual([
      ...['gradient-norm.svg', 'angle.svg'],
      ...['reward-norms.svg', 'reward-cosines.svg'],
    ]);
    expect(figures['reward-norms.svg']).toContain('2 · other');
    for (const svg of Object.values(figures)) expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});
