import { join, relative, resolve } from 'node:path';
import { createRandomSource, DraftError, drawNoise, type Plan, tf, writeFileAtomically } from '@draft/core';
import { type DiagnoseConfig, diagnoseOptions, diagnoseSchema } from '../config/diagnose-options.js';
import { createProgress, type Progress } from '../progress/progress.js';
import { commandText } from '../setup/command-text.js';
import { type PreparedEstimate, prepareEstimate } from '../setup/prepare-estimate.js';
import { type Diagnosis, diagnose, type Repeated, type RewardWalks } from './diagnosis.js';
import { diagnosisFigures } from './diagnosis-figures.js';
import { type GradientBench, openGradientBench } from './gradient-bench.js';
import { sumOverSteps } from './gradient-depths.js';
import { makeFolder, refuseFile } from './make-folder.js';
import { timeStamp } from './run-folder.js';

/** DRaFT-K, whose steps are looked at one by one. */
const planOf = ({ steps, stopGradient }: DiagnoseConfig, depth: number): Plan => ({
  steps,
  train: Array.from({ length: depth }, (_, i) => depth - i),
  stop: 0,
  detachInput: stopGradient,
  cutState: depth === steps ? null : depth,
  copies: 0,
});

/** Walks over the chain once for each reward and repeat; all rewards judge the same pictures. */
const walk = async (
  { config, prompts }: PreparedEstimate<DiagnoseConfig>,
  depth: number,
  bench: GradientBench,
  progress: Progress,
): Promise<readonly RewardWalks[]> => {
  const { seed, samples, repeats } = config;
  const plan = planOf(config, depth);
  const numbers = Array.from({ length: samples }, (_, i) => i);
  const total = repeats * bench.rewards.length;
  const walks: RewardWalks[] = [];
  for (const { name, weight } of bench.rewards) {
    const own: RewardWalks['walks'][number][] = [];
    const scores: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const key = ['diagnose', repeat] as const;
      const initial = drawNoise(createRandomSource(seed, 'train', ...key), numbers, bench.shape, 'initial');
      const chosen = numbers.map((i) => prompts[(repeat * samples + i) % prompts.length] ?? '');
      const done = (walks.length * repeats + repeat) / total;
      const measured = await bench.estimate(
        { plan, prompts: chosen, initial, key, only: name, perStep: true },
        (share) => progress.activity('walking over the chain', done + share / total),
      );
      tf.dispose(initial);
      const names = Object.keys(measured.gradients);
      const added = Array.from({ length: depth }, (_, i) => {
        const parts = measured.contributions.get(i + 1) ?? {};
        return names.map((tensor) => parts[tensor] ?? new Float32Array());
      });
      own.push(sumOverSteps(added));
      scores.push(...(measured.scores[name] ?? []));
    }
    const score = scores.reduce((sum, value) => sum + value, 0) / scores.length;
    walks.push({ name, weight, score, walks: own });
  }
  return walks;
};

const shown = ({ mean }: Repeated | undefined = { mean: null, repeats: [] }, digits = 3): string =>
  mean === null ? '–' : digits === 0 ? mean.toFixed(1) : mean.toExponential(digits);

/** A few of `1..depth`: 1, 2, 5, 10, 20, … and the last. */
const someOf = (depth: number): readonly number[] =>
  Array.from({ length: depth }, (_, i) => i + 1).filter((k) => k === depth || /^[125]0*$/.test(String(k)));

const textOf = ({ k, norms, angles, rewards, cosines }: Diagnosis): string => {
  const some = someOf(k.length);
  const lines = ['    K  gradient norm  angle to DRaFT-1'];
  for (const depth of some) {
    const angle = shown(angles[depth - 1], 0);
    lines.push(
      `${String(depth).padStart(5)}  ${shown(norms[depth - 1]).padStart(13)}  ${angle.padStart(14)}°`,
    );
  }
  for (const { name, weight, score, norms: own } of rewards.length > 1 ? rewards : []) {
    const sizes = some.map((depth) => `${shown(own[depth - 1])} at K = ${depth}`).join(', ');
    lines.push(`${name} (weight ${weight}, mean ${score.toPrecision(4)}): norm without weight ${sizes}`);
  }
  for (const { rewards: pair, cosines: own } of cosines) {
    const values = some.map((depth) => `${own[depth - 1]?.mean?.toFixed(3) ?? '–'} at K = ${depth}`);
    lines.push(`cosine between ${pair.join(' and ')}: ${values.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
};

/**
 * Runs `draft diagnose`: how long the gradient of DRaFT-K is, and where it points, for every K and every reward.
 * @param typed What the flags gave, by the names of the options.
 * @param args The command line, for the record.
 */
export const showDiagnosis = async (
  typed: Readonly<Record<string, unknown>>,
  cwd: string,
  args: readonly string[],
): Promise<void> => {
  const progress = createProgress(typed.json === true ? process.stderr : process.stdout, Date.now);
  const command = { options: diagnoseOptions, schema: diagnoseSchema };
  const prepared = await prepareEstimate<DiagnoseConfig>(command, typed, cwd, progress);
  const { config } = prepared;
  const depth = config.depth ?? config.steps;
  if (depth > config.steps) {
    throw new DraftError(
      'DRAFT_PLAN_INVALID',
      `--depth is ${depth}, but there are only ${config.steps} sampling steps; give at most ${config.steps}.`,
    );
  }
  const output = resolve(cwd, config.output ?? join('runs', `${timeStamp(new Date())}-diagnosis`));
  refuseFile(output);
  const bench = await openGradientBench(prepared, cwd, progress);
  try {
    const diagnosis = diagnose(await walk(prepared, depth, bench, progress));
    progress.finish();
    const report = {
      ...diagnosis,
      model: bench.description,
      checkpoints: prepared.hub.commits(),
      options: config,
      prompts: prepared.prompts,
      command: commandText(args),
    };
    const json = `${JSON.stringify(report, null, 2)}\n`;
    makeFolder(output);
    for (const [name, svg] of Object.entries(diagnosisFigures(diagnosis))) {
      writeFileAtomically(join(output, name), svg);
    }
    writeFileAtomically(join(output, 'diagnosis.json'), json);
    process.stdout.write(config.json ? json : textOf(diagnosis));
    const inside = relative(cwd, output);
    progress.log(`diagnosis: ${inside.startsWith('..') ? output : inside || '.'}`);
  } finally {
    progress.finish();
    bench.dispose();
  }
};
