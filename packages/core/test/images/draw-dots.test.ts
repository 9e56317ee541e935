import { describe, expect, it } from 'vitest';
import { drawDots } from '../../src/index.js';

const dots = (svg: string) =>
  [...svg.matchAll(/<circle class="s(\d)" cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/g)].map(
    ([, series, x, y, radius]) => ({ series, x: Number(x), y: Number(y), radius: Number(radius) }),
  );

describe('drawDots', () => {
  it('draws a row for each thing and an axis for each panel, with the colours of the rows', () => {
    const svg = drawDots(
      ['one', 'two & <three>'],
      [
        { title: 'a', values: [[0], [10]], reference: 5 },
        { title: 'b', values: [[2], [1]] },
      ],
      { title: 'At the end' },
    );
    const [a0, a1, b0, b1] = dots(svg);
    expect(a0).toMatchObject({ series: '0', radius: 5 });
    expect(a1!.x).toBeGreaterThan(a0!.x);
    expect(a1).toMatchObject({ series: '1', y: b1!.y });
    expect(b0!.x).toBeGreaterThan(b1!.x);
    expect(b1!.x).toBeGreaterThan(a1!.x);
    expect(svg).toContain('two &amp; &lt;three&gt;');
    expect(svg.match(/stroke-dasharray="4 4"/g)).toHaveLength(1);
  });

  it('writes long numbers at fewer ticks', () => {
    const panel = (title: string) => ({ title, values: [[-1.11105], [-1.11002]] });
    const svg = drawDots(['a', 'b'], [panel('x'), panel('y'), panel('z')]);
    const places = [...svg.matchAll(/<text x="([\d.]+)"[^>]*>−1\.1/g)].map(([, x]) => Number(x));
    expect(places.length).toBeGreaterThan(2);
    for (let i = 1; i < places.length; i += 1) expect(places[i]! - places[i - 1]!).toBeGreaterThan(50);
  });

  it('begins amounts at 0', () => {
    const axis = (fromZero: boolean) => drawDots(['a', 'b'], [{ title: '', values: [[10], [11]], fromZero }]);
    expect(axis(true)).toMatch(/>0<.*>10</s);
    expect(axis(false)).not.toContain('>0<');
  });

  it('shows each of several numbers beside their mean, and leaves out what is not known', () => {
    const found = dots(drawDots(['a', 'b'], [{ title: '', values: [[1, 2, 6], [Number.NaN]] }]));
    expect(found.map(({ radius }) => radius)).toEqual([2.5, 2.5, 2.5, 5]);
    const [low, , high, mean] = found.map(({ x }) => x) as [number, number, number, number];
    // The mean of 1, 2 and 6 is 3, two fifths of the way; places are rounded to tenths of a pixel.
    expect((mean - low) / (high - low)).toBeCloseTo(0.4, 2);
    expect(dots(drawDots([], []))).toEqual([]);
  });
});
