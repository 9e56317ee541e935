import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logTicks } from '../../src/images/log-ticks.js';
import { niceTicks } from '../../src/images/nice-ticks.js';
import { blankPixels } from '../../src/images/pixels.js';
import { smooth } from '../../src/images/smooth.js';
import { drawCurve, encodePng, writeReport } from '../../src/index.js';

const number = fc.double({ noNaN: true, min: -1e12, max: 1e12 });

describe('niceTicks', () => {
  it.each([
    [0, 1, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [-0.083, -0.011, ['−0.10', '−0.08', '−0.06', '−0.04', '−0.02', '0.00']],
    [0, 199, ['0', '50', '100', '150', '200']],
    [0, 43_000, ['0', '10\u2009000', '20\u2009000', '30\u2009000', '40\u2009000', '50\u2009000']],
    [0, 4e6, ['0e0', '1e6', '2e6', '3e6', '4e6']],
    [3, 3, ['2.6', '2.8', '3.0', '3.2', '3.4']],
  ])('chooses round numbers for %d..%d', (low, high, labels) => {
    expect(niceTicks(low, high, 5).labels).toEqual(labels);
  });

  it('encloses any range in a few ascending ticks', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { values } = niceTicks(low, high, 5);
        const slack = 1e-8 * Math.max(Math.abs(low), Math.abs(high));
        expect(values[0]).toBeLessThanOrEqual(low + slack);
        expect(values.at(-1)).toBeGreaterThanOrEqual(high - slack);
        expect(values.length).toBeGreaterThan(1);
        expect(values.length).toBeLessThan(9);
        values.slice(1).forEach((value, i) => {
          expect(value).toBeGreaterThan(values[i]!);
        });
      }),
    );
  });
});

describe('logTicks', () => {
  it.each([
    [16, 400, ['20', '50', '100', '200']],
    [16, 900, ['30', '100', '300']],
    [8, 20_000, ['10', '100', '1000', '10\u2009000']],
    [0.02, 0.3, ['0.02', '0.05', '0.1', '0.2']],
  ])('chooses round numbers within %d..%d', (low, high, labels) => {
    expect(logTicks(low, high).labels).toEqual(labels);
  });
});

describe('smooth', () => {
  it('keeps constants, lines inside, and gaps', () => {
    expect(smooth([2, 2, Number.NaN, 2], 3)).toEqual([2, 2, Number.NaN, 2]);
    const line = Array.from({ length: 41 }, (_, i) => 3 * i);
    expect(smooth(line, 2)[20]).toBeCloseTo(60, 10);
    expect(smooth([1, 5], 0)).toEqual([1, 5]);
  });
});

describe('drawCurve', () => {
  const paths = (svg: string) => [...svg.matchAll(/<path[^>]* d="([^"]*)"/g)].map(([, d]) => d!);

  it('maps points to their places', () => {
    const svg = drawCurve([{ label: 'a', x: [0, 1, 2], y: [0, 1, 0.5] }], { width: 500, height: 300 });
    const [d] = paths(svg);
    const points = d!
      .split(/[ML]/)
      .filter(Boolean)
      .map((point) => point.split(' ').map(Number));
    const [[x0, y0], [x1, y1], [x2, y2]] = points as [number, number][] as [
      [number, number],
      [number, number],
      [number, number],
    ];
    expect(x1).toBeCloseTo((x0 + x2) / 2, 0);
    expect(y2).toBeCloseTo((y0 + y1) / 2, 0);
    expect(y1).toBe(24); // the upper edge, at the highest tick
    expect(y0).toBe(300 - 38); // the axis
  });

  it('draws one point, gaps, and nothing', () => {
    const one = drawCurve([{ label: 'a', x: [3], y: [-0.5] }]);
    expect(one.match(/<circle/g)).toHaveLength(1);
    const gap = drawCurve([{ label: 'a', x: [0, 1, 2, 3, 4], y: [1, 2, Number.NaN, 4, 5] }]);
    expect(paths(gap)[0]!.match(/M/g)).toHaveLength(2);
    expect(paths(drawCurve([{ label: 'a', x: [0, 1], y: [Number.NaN, Number.NaN] }]))).toEqual(['']);
    expect(paths(drawCurve([]))).toEqual([]);
  });

  it('shows raw values under a smoothed line where there are many', () => {
    const x = Array.from({ length: 100 }, (_, i) => i);
    const svg = drawCurve([{ label: 'a', x, y: x.map((i) => (i % 2 ? 1 : -1)) }]);
    expect(paths(svg)).toHaveLength(2);
    expect(svg).toContain('opacity=".32"');
  });

  it('leaves values as they are where that is wanted', () => {
    const x = Array.from({ length: 100 }, (_, i) => i);
    const y = x.map((i) => (i % 2 ? 1 : -1));
    const [d, ...more] = paths(drawCurve([{ label: 'a', x, y }], { smoothed: false }));
    expect(more).toEqual([]);
    // Two heights, as in the data.
    expect(new Set(d!.match(/ [\d.]+/g)).size).toBe(2);
  });

  it('draws equal ratios equally long, a band, and a line to compare with', () => {
    const svg = drawCurve(
      [
        {
          label: 'a',
          x: [0, 10, 100, 1000],
          y: [9, 1, 2, 3],
          band: [
            [9, 0, 1, 2],
            [9, 2, 3, 4],
          ],
        },
        { label: 'before', x: [10, 1000], y: [1, 1], reference: true },
      ],
      { logX: true, height: 300 },
    );
    const [band, line, reference] = paths(svg);
    const across = line!.match(/[\d.]+(?= )/g)!.map(Number);
    expect(across).toHaveLength(3); // there is no place for 0
    expect(across[1]! - across[0]!).toBeCloseTo(across[2]! - across[1]!, 0);
    expect(band).toMatch(/Z$/);
    expect(band!.match(/[ML]/g)).toHaveLength(6);
    expect(reference!.match(/L/g)).toHaveLength(1);
    expect(svg).toMatch(/class="label reference">before/);
    expect(svg).toContain('>100<');
  });

  it('labels several lines at their ends without overlap', () => {
    const series = ['one', 'two', 'three & <more>'].map((label, i) => ({
      label,
      x: [0, 1],
      y: [0, 1 + 1e-6 * i],
    }));
    const svg = drawCurve(series);
    const heights = [...svg.matchAll(/y="([\d.]+)" class="label/g)]
      .map(([, y]) => Number(y))
      .sort((a, b) => a - b);
    expect(heights).toHaveLength(3);
    expect(heights[1]! - heights[0]!).toBeGreaterThan(16.5);
    expect(heights[2]! - heights[1]!).toBeGreaterThan(16.5);
    expect(svg).toContain('three &amp; &lt;more&gt;');
    const empty = drawCurve([...series, { label: 'no line', x: [], y: [] }]);
    expect(empty).not.toContain('no line');
  });

  it('never writes NaN or Infinity', () => {
    const value = fc.oneof(number, fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, 5e-324));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value)), (points) => {
        const svg = drawCurve([{ label: 'a', x: points.map(([x]) => x), y: points.map(([, y]) => y) }]);
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });
});

describe('writeReport', () => {
  it('writes one file that loads nothing and escapes what it is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'draft-report-'));
    try {
      const png = encodePng(blankPixels(2, 2, [1, 2, 3]));
      const svg = drawCurve([{ label: 'reward', x: [0, 1], y: [0, 1] }]);
      writeReport(join(folder, 'report.html'), {
        title: 'A <b>run</b>',
        subtitle: 'Ten minutes & more',
        summary: [
          ['', 'before', 'after'],
          ['symmetry', -0.0712345678, '−0.01'],
        ],
        figures: [
          { title: 'Pictures', caption: '"cat"', png },
          { title: 'Curve', svg },
          {
            title: 'By style',
            table: [
              ['style', 'mean', 'wins'],
              ['<b>', '0.31 ± 0.02', '78 % (70 to 85)'],
              ['photo', '–', '–'],
            ],
          },
        ],
        config: {
          seed: 0,
          lora: { rank: 4 },
          prompts: ['cat', '<script>'],
          nothing: undefined,
          none: null,
          empty: {},
        },
        command: 'npx @draft/cli train --prompts "a & b"',
      });
      const html = readFileSync(join(folder, 'report.html'), 'utf8');
      expect(html).toContain('<h1>A &lt;b&gt;run&lt;/b&gt;</h1>');
      expect(html).toContain(`src="data:image/png;base64,${Buffer.from(png).toString('base64')}"`);
      expect(html).toContain(svg);
      expect(html).toContain('<td>lora.rank</td><td>4</td>');
      expect(html).toContain('<td>prompts</td><td>[&quot;cat&quot;,&quot;&lt;script&gt;&quot;]</td>');
      expect(html).toContain('<td>none</td><td>null</td>');
      expect(html).not.toContain('nothing');
      expect(html).toContain('<td class="number">−0.07123</td><td class="number">−0.01</td>');
      expect(html).toContain(
        '<td>&lt;b&gt;</td><td class="number">0.31 ± 0.02</td><td class="number">78 % (70 to 85)</td>',
      );
      expect(html).toContain('--prompts &quot;a &amp; b&quot;');
      expect(html).not.toMatch(/<script|(?:src|href)="(?!data:)|url\(|@import/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
