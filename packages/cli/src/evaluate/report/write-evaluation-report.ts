import { rmSync } from 'node:fs';
import {
  drawCurve,
  encodePng,
  formatRewards,
  type Pixels,
  type ReportFigure,
  writePng,
  writeReport,
} from '@draft/core';
import { makeFolder } from '../../run/make-folder.js';
import { pixelEmbedding } from '../../run/picture-embedding.js';
import type { EvaluationRecord } from '../evaluation-record.js';
import type { Summary, VariantSummary } from '../statistics/summarise.js';
import { subjectOf } from '../variants.js';
import { type GridSource, promptGrid, sampleGrid } from './evaluation-grids.js';
import { extremesOf, type PromptChange } from './extremes.js';
import { sectionTable, styleTable, summaryTable, type Table } from './summary-table.js';

/** What a report is made from. */
export interface ReportSource extends GridSource {
  readonly summary: Summary;
  readonly record: EvaluationRecord;
  readonly embedding: string;
  /** Numbers of the prompts whose pictures are shown. */
  readonly shown: readonly number[];
}

/** Rows of a grid that still fit on a page. */
const rowsOfGrid = 8;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Each measure over the scale of the LoRAs, where there are several scales. */
const scaleCurves = ({ measures, summary }: ReportSource): readonly ReportFigure[] => {
  const points = summary.variants
    .filter(({ strategy }) => strategy === null)
    .toSorted((a, b) => a.scale - b.scale);
  if (points.length < 3) return [];
  return measures.map(({ name, label }) => {
    const at = (pick: (variant: VariantSummary) => number) => points.map(pick);
    const mean = ({ measures: own }: VariantSummary) => own[name]?.mean ?? Number.NaN;
    const error = ({ measures: own }: VariantSummary) => own[name]?.standardError ?? 0;
    return {
      title: `Over the LoRA's scale: ${label}`,
      caption: 'The band is one standard error to either side.',
      svg: drawCurve(
        [
          {
            label,
            x: at(({ scale }) => scale),
            y: at(mean),
            band: [at((one) => mean(one) - error(one)), at((one) => mean(one) + error(one))],
          },
        ],
        { xLabel: 'scale of the LoRA', yLabel: label, smoothed: false },
      ),
    };
  });
};

const partTables = ({ measures, summary }: ReportSource): readonly ReportFigure[] => {
  const kinds = [...new Set(summary.sections.map(({ by }) => by))];
  return kinds.flatMap((by) =>
    measures.map((measure) => ({
      title: `By ${by}: ${measure.label}`,
      caption: 'Mean and its standard error over prompts; wins with their 95 % confidence interval.',
      table: sectionTable(summary.sections, by, measure, subjectOf(summary.variants)),
    })),
  );
};

const benchmarkTables = ({ measures, summary }: ReportSource): readonly ReportFigure[] =>
  summary.styles.length === 0
    ? []
    : measures.map((measure) => ({
        title: `As in HPSv2's benchmark: ${measure.label}`,
        caption: `The mean of every 80 prompts of a style, then mean and standard deviation over these.${measure.name === 'hpsv2' ? ' 100 times the score, as in its published tables.' : ''}`,
        table: styleTable(summary.styles, summary.variants, measure),
      }));

/** Where the last variant gains most and least. */
const extremeFigures = (
  source: ReportSource,
  keep: (name: string, grid: Pixels) => void,
): readonly ReportFigure[] => {
  const { variants, measures, prompts, results } = source;
  const [base, measure, variant] = [variants[0], measures[0], subjectOf(variants)];
  if (!base || !measure || !variant || prompts.length < 4) return [];
  const { most, least } = extremesOf(results, [base, variant], measure, 4);
  const numbers = formatRewards(
    [...most, ...least].flatMap(({ base: before, own }) => [before, own, own - before]),
  );
  const rows = [...most, ...least].map(({ index, gain }: PromptChange, row): Table[number] => [
    prompts[index]?.prompt ?? '',
    ...[0, 1].map((i) => numbers[3 * row + i] ?? ''),
    `${numbers[3 * row + 2]?.startsWith('−') || gain === 0 ? '' : '+'}${numbers[3 * row + 2]}`,
  ]);
  const figures: ReportFigure[] = [
    {
      title: `Where ${variant.label} gains most and least`,
      caption: `Mean ${measure.label} of each prompt's pictures.`,
      table: [['prompt', base.label, variant.label, 'change'], ...rows],
    },
  ];
  for (const [name, list] of [
    ['most', most],
    ['least', least],
  ] as const) {
    const grid = promptGrid(
      source,
      list.map(({ index }) => index),
    );
    if (grid === undefined) continue;
    keep(`gains-${name}`, grid);
    figures.push({ title: `The prompts that gain ${name}`, png: encodePng(grid) });
  }
  return figures;
};

/** Writes the grids of an evaluation into `grids/`, and `report.html`, which shows everything in one file. */
export const writeEvaluationReport = (source: ReportSource): void => {
  const { folder, prompts, summary, measures, record, embedding, shown, variants } = source;
  // Those of an earlier report may be of other prompts.
  rmSync(folder.file('grids'), { recursive: true, force: true });
  const keep = (name: string, grid: Pixels): void => {
    makeFolder(folder.file('grids'));
    writePng(folder.file('grids', `${name}.png`), grid);
  };
  const grids: ReportFigure[] = [];
  for (let from = 0; from < shown.length; from += rowsOfGrid) {
    const part = shown.slice(from, from + rowsOfGrid);
    const grid = promptGrid(source, part);
    if (grid === undefined) continue;
    const page = shown.length > rowsOfGrid ? `-${1 + from / rowsOfGrid}` : '';
    keep(`prompts${page}`, grid);
    grids.push({
      title: page === '' || from === 0 ? 'Side by side' : 'Side by side, continued',
      caption:
        variants.length > 1
          ? 'The same prompts and seeds for all; the rewards stand under each picture.'
          : 'The rewards stand under each picture.',
      png: encodePng(grid),
    });
  }
  const samples = shown.flatMap((index): ReportFigure[] => {
    const grid = sampleGrid(source, index);
    if (grid === undefined) return [];
    keep(`prompt-${String(index).padStart(5, '0')}`, grid);
    return [{ title: `All pictures of one prompt`, png: encodePng(grid) }];
  });
  const perPrompt = record.settings.perPrompt as number;
  const seeds = perPrompt === 1 ? 'one picture' : `${perPrompt} pictures`;
  const diversity =
    perPrompt > 1
      ? ` Diversity is 1 − the mean cosine between the pictures of a prompt (${embedding === pixelEmbedding ? 'thumbnails of 16 × 16 pixels, minus mid-grey' : embedding}).`
      : '';
  // Paths of this machine are no part of what is passed on.
  const { options: _, settings, pluginPaths: __, ...rest } = record;
  writeReport(folder.file('report.html'), {
    title: `Evaluation on ${prompts.length === 1 ? 'one prompt' : `${prompts.length} prompts`}`,
    subtitle: `${record.model.description}. ${sentence(seeds)} of each prompt, ${variants.length > 1 ? 'with the same seeds for all; ' : ''}means with their standard errors${variants.length > 1 ? ', wins (ties counted half) with their 95 % confidence intervals' : ''}.${diversity}`,
    summary: summaryTable({ variants: summary.variants, measures, embedding, indent: '\u2003' }),
    figures: [
      ...grids,
      ...scaleCurves(source),
      ...benchmarkTables(source),
      ...partTables(source),
      ...extremeFigures(source, keep),
      ...samples,
    ],
    config: {
      settings,
      ...rest,
      prompts:
        prompts.length > 200
          ? `${prompts.length} prompts, in config.json`
          : prompts.map(({ prompt }) => prompt),
    },
    command: record.command,
  });
};
