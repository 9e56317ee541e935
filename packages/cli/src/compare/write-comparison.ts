import {
  encodePng,
  formatRewards,
  type ReportFigure,
  writeFileAtomically,
  writePng,
  writeReport,
} from '@draft/core';
import { bytesText, durationText } from '../progress/durations.js';
import { openFolder, type RunFolder } from '../run/run-folder.js';
import { type RunNumbers, readMetrics } from './collect-run.js';
import { type Comparison, type ContenderRecord, meanOf } from './comparison.js';
import { comparisonFigures, rewardBefore, rewardTitle } from './comparison-figures.js';
import { composeFinalPictures, composeStrips, type ShownRun } from './comparison-pictures.js';

type Table = readonly (readonly (string | number)[])[];

const none = '–';

/** `mean`, or `mean ± half the range` of several. */
const spreadText = (
  values: readonly number[],
  format: (numbers: readonly number[]) => readonly string[],
): string => {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return none;
  const half = (Math.max(...known) - Math.min(...known)) / 2;
  const [mean = none, range = ''] = format([meanOf(known), half]);
  return known.length === 1 ? mean : `${mean} ± ${range}`;
};

const tableOf = (comparison: Comparison): Table => {
  const { algorithms } = comparison;
  const heldOut = comparison.heldOut.length > 0;
  const diversity = comparison.diversity !== null;
  const start = rewardBefore(comparison);
  const startHeldOut = rewardBefore(comparison, (run) => run.before.heldOut?.reward);
  const fixed = (digits: number) => (numbers: readonly number[]) =>
    numbers.map((value) => value.toFixed(digits));
  // All rewards of a column with the same decimals.
  const scale = Math.max(
    ...[start, startHeldOut, ...algorithms.flatMap(({ runs }) => runs.map(({ after }) => after.reward))]
      .filter(Number.isFinite)
      .map(Math.abs),
  );
  const rewards = (numbers: readonly number[]) => formatRewards([...numbers, scale]).slice(0, -1);
  const shown = (value: number): string => (Number.isFinite(value) ? (rewards([value])[0] ?? none) : none);
  const row = ({ label, learningRate, runs, diverged }: ContenderRecord): Table[number] => {
    const each = (pick: (run: RunNumbers) => number | null | undefined): readonly number[] =>
      runs.map((run) => pick(run) ?? Number.NaN);
    const bad = diverged.length > 0 ? ` (diverged: seed ${diverged.map(({ seed }) => seed).join(', ')})` : '';
    return [
      `${label}${bad}`,
      learningRate === null ? none : String(learningRate.value),
      runs[0]?.rewardQueries ?? none,
      spreadText(
        each(({ after }) => after.reward),
        rewards,
      ),
      ...(heldOut
        ? [
            spreadText(
              each(({ after }) => after.heldOut?.reward),
              rewards,
            ),
          ]
        : []),
      ...(diversity
        ? [
            spreadText(
              each((run) => run.diversity),
              fixed(3),
            ),
          ]
        : []),
      runs.length === 0 ? none : durationText(meanOf(each(({ seconds }) => seconds))),
      runs.length === 0 ? none : bytesText(Math.max(...each(({ peakBytes }) => peakBytes))),
    ];
  };
  return [
    [
      ...['', 'learning rate', 'queries', 'training prompts'],
      ...(heldOut ? ['held-out prompts'] : []),
      ...(diversity ? ['diversity'] : []),
      ...['time', 'peak memory'],
    ],
    [
      ...['before', none, none, shown(start)],
      ...(heldOut ? [shown(startHeldOut)] : []),
      ...(diversity ? [comparison.diversity?.before.toFixed(3) ?? none] : []),
      ...[none, none],
    ],
    ...algorithms.map(row),
  ];
};

const tuningTable = ({ algorithms }: Comparison): Table | undefined => {
  const rates = [
    ...new Set(algorithms.flatMap(({ trials }) => trials.map((trial) => trial.learningRate))),
  ].sort((a, b) => a - b);
  if (rates.length === 0) return undefined;
  const rewards = algorithms.flatMap(({ trials }) => trials.flatMap(({ reward }) => reward ?? []));
  const scale = Math.max(0, ...rewards.map(Math.abs));
  return [
    ['', ...rates.map(String), 'chosen'],
    ...algorithms
      .filter(({ trials }) => trials.length > 0)
      .map(({ label, trials, learningRate }) => {
        const chosen = learningRate?.value;
        const edge = trials.length > 1 && (chosen === rates[0] || chosen === rates.at(-1));
        return [
          label,
          ...rates.map((rate) => {
            const trial = trials.find((one) => one.learningRate === rate);
            if (trial === undefined) return none;
            return trial.reward === null ? 'diverged' : (formatRewards([trial.reward, scale])[0] ?? none);
          }),
          chosen === undefined ? none : `${chosen}${edge ? ' (the edge)' : ''}`,
        ];
      }),
  ];
};

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
      caption: `Reward of finished pictures of training prompts after ${comparison.settings.tuneQueries} reward queries with seed ${comparison.settings.tuneSeed}, which no compared run has; the best was taken. At the edge of what was tried, a still better one may lie beyond.`,
      table: tuning,
    });
  }
  const { options: _, algorithms, command, ...rest } = comparison;
  writeReport(folder.file('report.html'), {
    title: `${algorithms.length} algorithm${algorithms.length === 1 ? '' : 's'} on ${rewardTitle(comparison)}`,
    subtitle: `${comparison.model ?? ''}, at most ${String(comparison.settings.queries)} reward queries each, ${comparison.seeds.length === 1 ? `seed ${comparison.seeds[0]}` : `${comparison.seeds.length} seeds`}.`,
    summary: tableOf(comparison),
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
