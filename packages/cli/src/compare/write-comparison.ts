import { encodePng, type ReportFigure, writeFileAtomically, writePng, writeReport } from '@draft/core';
import { openFolder, type RunFolder } from '../run/run-folder.js';
import { type RunNumbers, readMetrics } from './collect-run.js';
import type { Comparison } from './comparison.js';
import { comparisonFigures, rewardTitle } from './comparison-figures.js';
import { composeFinalPictures, composeStrips, type ShownRun } from './comparison-pictures.js';
import { resultTable, tuningTable } from './comparison-tables.js';

const captions = (comparison: Comparison) => {
  const { seeds, settings } = comparison;
  const many =
    seeds.length > 1
      ? ` Lines are means over ${seeds.length} seeds, bands go from the lowest to the highest.`
      : '';
  return {
    reward: `Finished pictures of the same ${settings.evaluate} training prompts and seeds for all, judged at moments of each run. Every picture that the reward judged in training is one query, DRaFT-LV's noisy copies included.${many}`,
    training: `What each algorithm itself saw, smoothed. DRTune and ReFL end sampling early and judge predictions, DDPO samples with noise: these lines compare within one algorithm, not between them.${many}`,
    time: `Training iterations alone, without loading and judging.${many}`,
    overview: `Dashed: before training.${seeds.length > 1 ? ' Small dots are seeds, large ones their mean.' : ''} Diversity is 1 − the mean cosine between the pictures of a prompt (${comparison.diversity?.embedding === 'pixels' ? 'thumbnails of 16 × 16 pixels, minus mid-grey' : (comparison.diversity?.embedding ?? 'not measured')}); peak memory is the resident set of the run's own process, model and runtime included.`,
  };
};

/** Writes `compare.json`; once there are finished runs also the figures, the pictures and `report.html`. */
export const writeComparison = (folder: RunFolder, comparison: Comparison): void => {
  writeFileAtomically(folder.file('compare.json'), `${JSON.stringify(comparison, null, 2)}\n`);
  const finished = comparison.algorithms.flatMap(({ runs }) => runs);
  if (finished.length === 0) return;
  const open = ({ folder: path }: RunNumbers): RunFolder => openFolder(folder.file(path), folder.path);
  const metrics = new Map(finished.map((run) => [run.folder, readMetrics(open(run))]));
  const svg = comparisonFigures(comparison, metrics);
  const notes = captions(comparison);
  const figures: ReportFigure[] = [];
  const titles = {
    reward: 'Reward over reward queries',
    overview: 'At the end',
    time: 'Reward over time',
    training: 'Reward in training',
  } as const;
  for (const name of ['reward', 'overview', 'time', 'training'] as const) {
    writeFileAtomically(folder.file(`${name}.svg`), svg[name]);
    figures.push({ title: titles[name], caption: notes[name], svg: svg[name] });
  }
  const shown: ShownRun[] = comparison.algorithms.flatMap(({ label, runs }) => {
    const run = runs.find(({ seed }) => seed === finished[0]?.seed);
    return run === undefined ? [] : [{ label, folder: open(run) }];
  });
  const pictures = composeFinalPictures(shown);
  if (pictures !== undefined) {
    writePng(folder.file('pictures.png'), pictures);
    figures.push({
      title: 'Pictures',
      caption: `The same prompts and seeds, from the runs with seed ${finished[0]?.seed}; the reward stands under each picture.`,
      png: encodePng(pictures),
    });
  }
  const strips = composeStrips(shown);
  if (strips !== undefined) {
    writePng(folder.file('strips.png'), strips);
    figures.push({
      title: 'Over training',
      caption: 'One prompt and seed, over the same number of reward queries from left to right.',
      png: encodePng(strips),
    });
  }
  const tuning = tuningTable(comparison);
  if (tuning !== undefined) {
    figures.push({
      title: 'How the learning rates were chosen',
      caption: `Reward of finished pictures of training prompts after ${comparison.settings.tuneQueries} reward queries (in proportion where an algorithm has queries of its own) with seed ${comparison.settings.tuneSeed}, which no compared run has; the best was taken. At the edge of what was tried, a still better one may lie beyond.`,
      table: tuning,
    });
  }
  const { options: _, algorithms, command, ...rest } = comparison;
  writeReport(folder.file('report.html'), {
    title: `${algorithms.length} algorithm${algorithms.length === 1 ? '' : 's'} on ${rewardTitle(comparison)}`,
    subtitle: `${comparison.model ?? ''}, at most ${String(comparison.settings.queries)} reward queries each, ${comparison.seeds.length === 1 ? `seed ${comparison.seeds[0]}` : `${comparison.seeds.length} seeds`}.`,
    summary: resultTable(comparison),
    figures,
    config: {
      ...rest,
      algorithms: Object.fromEntries(
        algorithms.map(({ label, config, learningRate, runs }) => [
          label,
          { ...config, learningRate, iterations: runs[0]?.iterations },
        ]),
      ),
    },
    command,
  });
};
