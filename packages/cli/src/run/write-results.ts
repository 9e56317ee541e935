import {
  encodePng,
  formatRewards,
  type ReportFigure,
  writeFileAtomically,
  writePng,
  writeReport,
} from '@draft/core';
import type { GuardReading } from '../guard/guard-reading.js';
import { watchCurves } from '../guard/watch-curves.js';
import type { Evaluation, MeanReward } from './evaluation.js';
import type { MetricsLine } from './metrics.js';
import type { RunFolder } from './run-folder.js';
import { composeComparison, composeSamples, renderCurve, writeCurve } from './run-pictures.js';
import type { MomentSummary, RunSummary } from './summary.js';

/** All that a finished run has to show. */
export interface RunResults {
  readonly summary: RunSummary;
  readonly before: Evaluation;
  readonly after: Evaluation;
  readonly metrics: readonly MetricsLine[];
  /** What was seen of the run at its samples. */
  readonly readings: readonly GuardReading[];
  /** Prompts of the samples. */
  readonly samplePrompts: readonly string[];
  /** `config.json`. */
  readonly config: object;
  /** The command line that makes the same run again. */
  readonly command: string;
}

const table = ({ before, after }: RunSummary): readonly (readonly (string | number)[])[] => {
  const rows: (readonly (string | number)[])[] = [['', 'before', 'after', 'change']];
  const row = (label: string, from: number, to: number): void => {
    const [first = '', second = '', change = ''] = formatRewards([from, to, to - from]);
    rows.push([label, first, second, change]);
  };
  const moment = (label: string, from: MomentSummary | MomentSummary['heldOut'], to: typeof from): void => {
    if (!from || !to) return;
    row(`reward, ${label}`, from.reward, to.reward);
    const rows = (of: MeanReward['rewards'] = {}, then: MeanReward['rewards'] = {}, more = ''): void => {
      for (const name of Object.keys(of))
        row(`${name}${more}, ${label}`, of[name] ?? Number.NaN, then[name] ?? Number.NaN);
    };
    if (Object.keys(from.rewards).length > 1) rows(from.rewards, to.rewards);
    rows(from.watched, to.watched, ' (watched)');
  };
  moment('training prompts', before, after);
  moment('held-out prompts', before.heldOut, after.heldOut);
  return rows;
};

/** What a reader has to know before looking at the pictures. */
const guardSentence = ({ guard }: RunSummary): string => {
  if (guard === undefined || guard.signs.length === 0) return '';
  const best =
    guard.best === null ? '' : ` lora.best.safetensors, of iteration ${guard.best}, has none of it.`;
  return ` ${guard.stopped ? 'The guard stopped the run' : 'The reward is probably being cheated'}: ${guard.signs.join('; ')}.${best}`;
};

/**
 * Writes what people look at after a run: `before-after.png` (and the same for held-out prompts), `curve.svg`,
 * `summary.json` and `report.html`, which shows all of it.
 */
export const writeResults = (folder: RunFolder, results: RunResults): void => {
  const { summary, before, after, metrics } = results;
  const names = Object.keys(summary.rewards);
  const rewardName = names.length === 1 ? (names[0] ?? 'reward') : 'reward';
  const figures: ReportFigure[] = [];
  const compare = (set: keyof Evaluation, file: string, title: string, caption: string): void => {
    if (before[set].length === 0) return;
    const picture = composeComparison(before[set], after[set], rewardName);
    writePng(folder.file(file), picture);
    figures.push({ title, caption, png: encodePng(picture) });
  };
  compare(
    'train',
    'before-after.png',
    'Before and after',
    'The same prompts and seeds; the reward stands under each picture.',
  );
  compare(
    'heldOut',
    'before-after-held-out.png',
    'Prompts that were held out',
    'The model was not trained on these prompts.',
  );
  const samples = composeSamples(folder, results.samplePrompts);
  if (samples !== undefined) {
    writePng(folder.file('samples', 'all.png'), samples);
    figures.push({ title: 'Over training', caption: 'Same prompts and seeds.', png: encodePng(samples) });
  }
  writeCurve(folder, metrics);
  figures.push({ title: 'Reward', svg: renderCurve(metrics) });
  for (const { title, caption, svg } of watchCurves(results.readings)) figures.push({ title, caption, svg });
  writeFileAtomically(folder.file('summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  writeReport(folder.file('report.html'), {
    title: `${summary.algorithm} on ${names.join(' + ')}`,
    subtitle: `${summary.model}, ${summary.iterations} iterations, ${summary.rewardQueries} reward queries, ${Math.round(summary.seconds)} s of training.${guardSentence(summary)}`,
    summary: table(summary),
    figures,
    config: results.config,
    command: results.command,
  });
};
