import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createRuntime, type Runtime, type Tensor4D, tf } from '@draft/core';
import { createPreprocessing } from '@draft/model-clip';
import { loadClassifier } from '@draft/reward-adversarial';
import { aesthetic } from '@draft/reward-aesthetic';
import { clipscore } from '@draft/reward-clipscore';
import { animalNames } from '../data/animals.js';
import { clipReport, rankAnimals } from '../judges/clip-report.js';
import {
  type DetectorReport,
  detectorReport,
  type OpenDetector,
  rankFindings,
  type Share,
} from '../judges/detector-report.js';
import { showsOneAnimal } from '../judges/draw-batch.js';
import { openJudgeScenes, openUnseenScenes, side } from '../judges/judge-scenes.js';
import { openDetector } from '../judges/open-detector.js';
import { openReward } from '../judges/open-reward.js';
import { measureTraits, preference } from '../judges/preference.js';
import { type RankShares, rankShares } from '../judges/rank-report.js';
import {
  type GeneratedPicture,
  generatedPictures,
  heldOutPictures,
  type TestPicture,
} from '../judges/test-pictures.js';
import { openSsd } from '../ssd/open-ssd.js';
import { runCommand, wholeNumber } from './run-command.js';

/** What judges are asked about. */
interface Material {
  readonly runtime: Runtime;
  readonly judges: string;
  /** Sets of scenes with known facts, by name. */
  readonly scenes: Readonly<Record<string, readonly TestPicture[]>>;
  readonly generated: readonly GeneratedPicture[];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const ranks = ({ count, first, five }: RankShares): string =>
  `${percent(first)} of ${count} first, ${percent(five)} among the first five`;
const some = ({ of, share }: Share): string => `${percent(share)} of ${of}`;

async function reportClip({ runtime, judges, scenes, generated }: Material): Promise<void> {
  const options = { checkpoint: join(judges, 'clip'), scale: 'cosine' };
  const { score, dispose } = await openReward(runtime, clipscore as never, options);
  for (const [name, pictures] of Object.entries(scenes)) {
    const { animals, places, books } = await clipReport(score, pictures);
    console.log(`clip, ${name}: of 45 animals ${ranks(animals)}`);
    console.log(`clip, ${name}: of 17 places ${ranks(places)}`);
    console.log(`clip, ${name}: a book is seen in ${percent(books.right)} of ${books.pairs} pairs`);
  }
  if (generated.length > 0)
    console.log(`clip, generated: of 45 animals ${ranks(await rankAnimals(score, generated))}`);
  dispose();
}

async function reportClassifier({ runtime, judges, scenes, generated }: Material): Promise<void> {
  const classifier = await loadClassifier(join(judges, 'classifier'), { runtime, log: console.log });
  const preprocess = createPreprocessing({ ...classifier.input, antialias: true, clamp: true });
  const rank = (pictures: readonly GeneratedPicture[]): RankShares => {
    const table: number[][] = animalNames.map(() => []);
    for (const { pixels } of pictures) {
      const logits = tf.tidy(() =>
        classifier.network.logits(preprocess(tf.tensor4d(pixels, [1, side, side, 3]) as Tensor4D)).dataSync(),
      );
      classifier.labels.forEach((label, i) => {
        table[animalNames.indexOf(label)]?.push(logits[i]!);
      });
    }
    return rankShares(
      pictures.map(({ animal }) => animalNames.indexOf(animal)),
      table,
    );
  };
  for (const [name, pictures] of Object.entries(scenes)) {
    const alone = pictures.filter(({ facts }) => showsOneAnimal(facts));
    const asked = alone.map(({ pixels, facts }) => ({ pixels, animal: facts.objects[0]!.label }));
    console.log(`classifier, ${name}: of 45 animals ${ranks(rank(asked))}`);
  }
  if (generated.length > 0) console.log(`classifier, generated: of 45 animals ${ranks(rank(generated))}`);
  classifier.dispose();
}

const linesOf = (report: DetectorReport): readonly string[] => [
  `animals alone named and covered by the surest box ${some(report.alone)}`,
  `objects of groups covered, and above all that is not there ${some(report.objects)}, small ones ${some(report.smallObjects)}`,
  `books found ${some(report.books)}, small ones ${some(report.smallBooks)}, found where none is ${some(report.falseBooks)}`,
];

async function reportDetector(
  name: string,
  { scenes, generated }: Material,
  detector: OpenDetector,
): Promise<void> {
  for (const [set, pictures] of Object.entries(scenes)) {
    for (const line of linesOf(await detectorReport(detector, pictures)))
      console.log(`${name}, ${set}: ${line}`);
  }
  if (generated.length > 0)
    console.log(`${name}, generated: of 45 animals ${ranks(await rankFindings(detector, generated))}`);
  detector.dispose();
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

async function reportAesthetic({ runtime, judges, scenes, generated }: Material): Promise<void> {
  const options = { checkpoint: join(judges, 'clip'), head: join(judges, 'aesthetic', 'model.safetensors') };
  const { score, dispose } = await openReward(runtime, aesthetic as never, options);
  const sets = { ...scenes, ...(generated.length > 0 ? { generated } : {}) };
  for (const [name, pictures] of Object.entries(sets)) {
    const pixels = pictures.map((picture) => picture.pixels);
    const rated = await score(pixels, Array(pixels.length).fill(''));
    const wanted = pixels.map((one) => preference(measureTraits(one)));
    console.log(
      `aesthetic, ${name}: correlation ${correlation(rated, wanted).toFixed(3)} with the preference`,
    );
  }
  dispose();
}

const reports: Readonly<Record<string, (material: Material) => Promise<void>>> = {
  clip: reportClip,
  classifier: reportClassifier,
  detector: async (material) =>
    reportDetector(
      'detector',
      material,
      await openDetector(material.runtime, join(material.judges, 'detector')),
    ),
  ssd: async (material) =>
    reportDetector('ssd', material, await openSsd(material.runtime, join(material.judges, 'ssd'))),
  aesthetic: reportAesthetic,
};

// npm run judge-report -- [--pictures FOLDER --scenes N --only JUDGES --state FOLDER --judges FOLDER]
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      judges: { type: 'string', default: resolve('../../packages/miniature/judges') },
      state: { type: 'string', default: join(homedir(), '.cache', 'draft', 'judges') },
      pictures: { type: 'string' },
      scenes: { type: 'string', default: '2000' },
      only: { type: 'string', default: Object.keys(reports).join(',') },
    },
  });
  const count = wholeNumber('scenes', values.scenes, 1);
  const material: Material = {
    runtime: await createRuntime({ computeType: 'float32' }),
    judges: values.judges,
    scenes: {
      'known drawings': heldOutPictures(await openJudgeScenes(values.state), count),
      'unseen style': heldOutPictures(await openUnseenScenes(values.state), count),
    },
    generated: values.pictures ? generatedPictures(values.pictures) : [],
  };
  for (const name of values.only.split(',')) {
    const report = reports[name];
    if (!report) throw new Error(`--only takes some of ${Object.keys(reports).join(', ')}, not "${name}".`);
    if (existsSync(join(values.judges, name))) await report(material);
  }
});
