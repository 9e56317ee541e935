import { resolve } from 'node:path';
import { fromPixels, type Pixels, tf } from '@draft/core';
import { DraftError } from '@draft/core/plugins';
import { readLayers } from '../config/command-layers.js';
import { resolveConfig } from '../config/resolve-config.js';
import { createProgress } from '../progress/progress.js';
import { createJudge, type Judgement } from '../run/judge.js';
import { createRewards } from '../setup/create-rewards.js';
import { openHub } from '../setup/hub-access.js';
import { openRuntime } from '../setup/open-runtime.js';
import { openPlugins } from '../setup/plugin-access.js';
import { readPrompts } from '../setup/read-prompts.js';
import { type ConfiguredReward, readRewards } from '../setup/read-rewards.js';
import { listPictures } from './list-pictures.js';
import { readPicture } from './read-picture.js';
import { scoreOptions, scoreSchema } from './score-options.js';

/** A picture with what it is judged by. */
interface ScoredPicture extends Judgement {
  readonly image: string;
  readonly prompt: string;
  readonly width: number;
  readonly height: number;
}

/** One prompt for all, one for each, or none. */
const promptsFor = (given: readonly string[] | undefined, count: number, cwd: string): readonly string[] => {
  const prompts = given === undefined ? [''] : readPrompts(given, {}, cwd);
  if (prompts.length === count) return prompts;
  if (prompts.length === 1) return Array.from({ length: count }, () => prompts[0] ?? '');
  throw new DraftError(
    'DRAFT_PROMPT_COUNT',
    `There are ${prompts.length} prompts for ${count} pictures: give one for all, or one for each.`,
  );
};

const refuseWithoutPrompts = (rewards: readonly ConfiguredReward[]): void => {
  const readers = rewards.filter(({ plugin }) => plugin.readsPrompts === true).map(({ name }) => name);
  if (readers.length === 0) return;
  const who = readers.length === 1 ? `reward ${readers[0]} reads` : `rewards ${readers.join(', ')} read`;
  throw new DraftError(
    'DRAFT_OPTION_MISSING',
    `The ${who} what a picture is to show: give --prompts, one for all pictures or one for each.`,
  );
};

/** Neighbours of one size, at most `batch` of them, by their indices. */
const batches = (pictures: readonly Pixels[], batch: number): readonly (readonly number[])[] => {
  const result: number[][] = [];
  pictures.forEach(({ width, height }, i) => {
    const last = result.at(-1);
    const first = pictures[last?.[0] ?? -1];
    const fits = last && last.length < batch && first?.width === width && first.height === height;
    if (fits) last.push(i);
    else result.push([i]);
  });
  return result;
};

const round = (value: number): string => String(Number(value.toPrecision(6)));

const asText = (pictures: readonly ScoredPicture[], rewards: readonly ConfiguredReward[]): string => {
  const names = rewards.map(({ name }) => name);
  const total = rewards.length > 1 || rewards.some(({ weight }) => weight !== 1);
  const rows = [
    ['picture', ...names, ...(total ? ['weighted sum'] : [])],
    ...pictures.map(({ image, rewards: scores, reward }) => [
      image,
      ...names.map((name) => round(scores[name] ?? Number.NaN)),
      ...(total ? [round(reward)] : []),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
};

/** Runs `draft score`. */
export const scorePictures = async (typed: Readonly<Record<string, unknown>>, cwd: string): Promise<void> => {
  // Standard output is for the scores alone.
  const progress = createProgress(process.stderr, Date.now);
  const said = await readLayers(scoreOptions, typed, cwd);
  const config = resolveConfig(scoreSchema, said.layers);
  const plugins = await openPlugins(cwd, said, progress.log);
  const rewards = await readRewards(config.reward, config.rewardSet, plugins);
  if (config.prompts === undefined) refuseWithoutPrompts(rewards);
  const files = listPictures(config.images, cwd);
  const prompts = promptsFor(config.prompts, files.length, cwd);
  const pictures: Pixels[] = [];
  for (const file of files) pictures.push(await readPicture(resolve(cwd, file), file));

  const batch = Math.min(config.batch, files.length);
  const runtime = await openRuntime({ ...config, batch }, progress);
  const made = await createRewards(rewards, { runtime, log: progress.log, hub: openHub(progress).options });
  const judge = createJudge(runtime, made);
  const scored: ScoredPicture[] = [];
  try {
    for (const part of batches(pictures, config.batch)) {
      progress.activity('scoring', scored.length / files.length);
      const { data, shape } = fromPixels(part.flatMap((i) => pictures[i] ?? []));
      const images = tf.tensor4d(data, [...shape]);
      const subjects = part.map((i) => ({ prompt: prompts[i] ?? '', seed: config.seed }));
      const judgements = await judge.score(images, subjects);
      images.dispose();
      part.forEach((i, position) => {
        const judgement = judgements[position];
        const picture = pictures[i];
        if (!judgement || !picture) return;
        const { width, height } = picture;
        scored.push({ image: files[i] ?? '', prompt: prompts[i] ?? '', width, height, ...judgement });
      });
    }
  } finally {
    progress.finish();
    judge.dispose();
    for (const { reward } of made) reward.dispose();
  }
  const weights = Object.fromEntries(rewards.map(({ name, weight }) => [name, weight]));
  const text = config.json ? JSON.stringify({ weights, pictures: scored }, null, 2) : asText(scored, rewards);
  process.stdout.write(`${text}\n`);
};
