import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime, type Runtime, type Tensor4D, tf } from '@draft/core';
import { createPreprocessing } from '@draft/model-clip';
import { loadClassifier } from '@draft/reward-adversarial';
import { aesthetic } from '@draft/reward-aesthetic';
import { clipscore } from '@draft/reward-clipscore';
import { animalNames } from '../data/animals.js';
import { withArticle } from '../data/caption.js';
import { countFindings, openDetector } from '../judges/detector-report.js';
import { detectorLabels } from '../judges/detector-targets.js';
import { groupScenes, heldOutGroups, openGroupScenes } from '../judges/group-scenes.js';
import {
  generatedPictures,
  heldOutPictures,
  type JudgedPicture,
  openReward,
  topShares,
} from '../judges/judge-report.js';
import { openJudgeScenes, side } from '../judges/judge-scenes.js';
import { measureTraits, preference } from '../judges/preference.js';
import { runCommand, wholeNumber } from './run-command.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

async function clipTable(runtime: Runtime, judges: string, pictures: readonly JudgedPicture[]) {
  const options = { checkpoint: join(judges, 'clip'), scale: 'cosine' };
  const reward = await openReward(runtime, clipscore as never, options);
  const pixels = pictures.map((picture) => picture.pixels);
  const table: number[][] = [];
  for (const name of animalNames)
    table.push(await reward.score(pixels, Array(pixels.length).fill(withArticle(name))));
  reward.dispose();
  return table;
}

async function classifierTable(runtime: Runtime, judges: string, pictures: readonly JudgedPicture[]) {
  const classifier = await loadClassifier(join(judges, 'classifier'), { runtime, log: console.log });
  const preprocess = createPreprocessing({ ...classifier.input, antialias: true, clamp: true });
  const table: number[][] = animalNames.map(() => []);
  for (const { pixels } of pictures) {
    const logits = tf.tidy(() =>
      classifier.network.logits(preprocess(tf.tensor4d(pixels, [1, side, side, 3]) as Tensor4D)).dataSync(),
    );
    classifier.labels.forEach((label, i) => {
      table[animalNames.indexOf(label)]?.push(logits[i]!);
    });
  }
  classifier.dispose();
  return table;
}

const correlation = (a: readonly number[], b: readonly number[]): number => {
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    const y = b[i]! - mb;
    ab += (x - ma) * y;
    aa += (x - ma) ** 2;
    bb += y * y;
  });
  return ab / Math.sqrt(aa * bb);
};

async function aestheticCorrelation(runtime: Runtime, judges: string, pictures: readonly JudgedPicture[]) {
  const options = { checkpoint: join(judges, 'clip'), head: join(judges, 'aesthetic', 'model.safetensors') };
  const reward = await openReward(runtime, aesthetic as never, options);
  const pixels = pictures.map((picture) => picture.pixels);
  const rated = await reward.score(pixels, Array(pixels.length).fill(''));
  reward.dispose();
  return correlation(
    rated,
    pixels.map((one) => preference(measureTraits(one))),
  );
}

/** Each label's best score of each picture; the last row is the book's. */
async function detectorTable(runtime: Runtime, judges: string, pictures: readonly JudgedPicture[]) {
  const detector = await openDetector(runtime, join(judges, 'detector'));
  const table: number[][] = detectorLabels.map(() => []);
  for (const { pixels } of pictures) {
    (await detector.find(pixels)).forEach(({ score }, label) => {
      table[label]!.push(score);
    });
  }
  detector.dispose();
  return table;
}

async function reportGroups(runtime: Runtime, judges: string, state: string) {
  const groups = await openGroupScenes(state);
  const detector = await openDetector(runtime, join(judges, 'detector'));
  let [present, found, above] = [0, 0, 0];
  for (let index = groupScenes - heldOutGroups; index < groupScenes; index++) {
    const pixels = Float32Array.from(groups.read(index), (byte) => byte / 255);
    const counts = countFindings(await detector.find(pixels), groups.boxes[index]!);
    present += counts.present;
    found += counts.found;
    above += counts.above;
  }
  detector.dispose();
  console.log(
    `detector on ${heldOutGroups} held-out groups of small objects: ${percent(found / present)} of ${present} found with ` +
      `an overlap of at least a half, ${percent(above / present)} scored above all that is not there`,
  );
}

// npm run judge-report -- [--pictures FOLDER --scenes N --only JUDGES --data FOLDER --state FOLDER --judges FOLDER]
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: resolve('../../.cache/miniature') },
      judges: { type: 'string', default: resolve('../../packages/miniature/judges') },
      state: { type: 'string', default: join(homedir(), '.cache', 'draft', 'judges') },
      pictures: { type: 'string' },
      scenes: { type: 'string', default: '450' },
      only: { type: 'string', default: 'clip,classifier,detector,aesthetic' },
    },
  });
  const runtime = await createRuntime({ computeType: 'float32' });
  const scenes = openJudgeScenes(values.data);
  const sets = { 'held-out scenes': heldOutPictures(scenes, wholeNumber('scenes', values.scenes, 1)) };
  if (values.pictures) Object.assign(sets, { 'generated pictures': generatedPictures(values.pictures) });
  const only = values.only.split(',');
  if (only.includes('detector')) await reportGroups(runtime, values.judges, values.state);
  for (const [name, pictures] of Object.entries(sets)) {
    const shares = (what: string, table: readonly (readonly number[])[]): void => {
      const { first, five } = topShares(pictures, table);
      console.log(`${what}: ${percent(first)} first, ${percent(five)} among the first five`);
    };
    console.log(`${pictures.length} ${name}`);
    if (only.includes('clip')) shares('clip', await clipTable(runtime, values.judges, pictures));
    if (only.includes('classifier'))
      shares('classifier', await classifierTable(runtime, values.judges, pictures));
    if (only.includes('detector')) shares('detector', await detectorTable(runtime, values.judges, pictures));
    if (only.includes('aesthetic')) {
      const found = await aestheticCorrelation(runtime, values.judges, pictures);
      console.log(`aesthetic: correlation ${found.toFixed(3)} with the preference`);
    }
  }
});
