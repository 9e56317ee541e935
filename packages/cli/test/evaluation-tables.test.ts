import { describe, expect, it } from 'vitest';
import { sectionTable, styleTable, summaryTable } from '../src/evaluate/report/summary-table.js';
import { measuresOf } from '../src/evaluate/statistics/measures.js';
import type { MeasureSummary, StyleTable, VariantSummary } from '../src/evaluate/statistics/summarise.js';
import { encodeTable } from '../src/evaluate/tables/write-table.js';
import { textTable } from '../src/progress/text-table.js';

const measured = (mean: number, change: number | null): MeasureSummary => ({
  count: 8,
  mean,
  standardDeviation: 0.1234,
  standardError: 0.0417,
  change: change === null ? null : { mean: change, standardError: 0.0052 },
  winRate: change === null ? null : { wins: 6, ties: 1, losses: 1, rate: 0.8125, low: 0.498, high: 0.952 },
});
const variant = (id: string, label: string, name: string, own: MeasureSummary): VariantSummary => ({
  id,
  label,
  scale: id === 'base' ? 0 : 1,
  strategy: null,
  measures: { [name]: own },
  diversity: { mean: 0.3, standardError: 0.011 },
});
const variants = (name: string) => [
  variant('base', 'base', name, measured(-0.44512, null)),
  variant('lora-1', 'LoRA × 1', name, measured(-0.1915, 0.25362)),
];
const measureOf = (name: string) => measuresOf([{ name, weight: 1 }])[0]!;

describe('tables of an evaluation', () => {
  it('show as many decimals as the errors have two digits of', () => {
    const table = summaryTable({
      variants: variants('symmetry'),
      measures: [measureOf('symmetry')],
      embedding: 'pixels',
      indent: '> ',
    });
    expect(table).toEqual([
      ['', 'base', 'LoRA × 1'],
      ['symmetry', '−0.445 ± 0.042', '−0.192 ± 0.042'],
      ['> spread of pictures', '0.1234', '0.1234'],
      ['> change', '–', '+0.2536 ± 0.0052'],
      ['> wins over base', '–', '81 % (50 to 95)'],
      ['diversity (pixels)', '0.300 ± 0.011', '0.300 ± 0.011'],
    ]);
    expect(textTable(table.slice(0, 2))).toBe(
      '                    base        LoRA × 1\nsymmetry  −0.445 ± 0.042  −0.192 ± 0.042',
    );
  });

  it('show the parts of a set with the wins of one variant', () => {
    const own = variants('symmetry');
    const sections = ['anime', 'photo'].map((name) => ({ by: 'style', name, prompts: 4, variants: own }));
    expect(sectionTable(sections, 'style', measureOf('symmetry'), own[1])).toEqual([
      ['style', 'prompts', 'base', 'LoRA × 1', 'wins of LoRA × 1'],
      ['anime', 4, '−0.445 ± 0.042', '−0.192 ± 0.042', '81 % (50 to 95)'],
      ['photo', 4, '−0.445 ± 0.042', '−0.192 ± 0.042', '81 % (50 to 95)'],
    ]);
    expect(sectionTable(sections, 'style', measureOf('symmetry'), undefined)[0]).toHaveLength(4);
  });

  it('show HPSv2 as its published tables do, 100-fold; other rewards as they are', () => {
    const scores = (measure: string): StyleTable => ({
      variant: 'base',
      measure,
      styles: {
        anime: { mean: 0.272612, deviation: 0.001234, parts: [0.27, 0.275224] },
        photo: { mean: 0.272712, deviation: 0, parts: [0.272712] },
      },
      average: 0.269501,
    });
    expect(styleTable([scores('hpsv2')], variants('hpsv2'), measureOf('hpsv2'))).toEqual([
      ['', 'anime', 'photo', 'average'],
      ['base', '27.26 ± 0.1234', '27.27', '26.95'],
    ]);
    expect(styleTable([scores('clip')], variants('clip'), measureOf('clip'))[1]).toEqual([
      'base',
      '0.2726 ± 0.0012',
      '0.2727',
      '0.2695',
    ]);
  });

  it('leave out of files what is not there, and quote what needs it', async () => {
    const columns = [
      { name: 'prompt', type: 'text', values: ['a, "b"', null, 'c\nd'] },
      { name: 'score', type: 'number', values: [1e-7, null, -2] },
    ] as const;
    expect(await encodeTable('csv', columns)).toBe('prompt,score\n"a, ""b""",1e-7\n,\n"c\nd",-2\n');
    expect(JSON.parse((await encodeTable('json', columns)) as string)[1]).toEqual({
      prompt: null,
      score: null,
    });
  });
});
