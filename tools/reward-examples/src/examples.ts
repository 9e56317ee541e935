/** A short run on the miniature that shows what a reward does. */
export interface Example {
  readonly name: string;
  /** Arguments of `draft train` that belong to this example, besides the common ones. */
  readonly args: readonly string[];
}

const judges = 'npm:@draft/miniature/judges';

/** Options of one reward, as flags. */
const set = (reward: string, options: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(options).flatMap(([key, value]) => ['--reward-set', `${reward}.${key}=${value}`]);

const each = (flag: string, values: readonly string[]): readonly string[] =>
  values.flatMap((value) => [flag, value]);

/**
 * How strongly trained steps are held to the base model has to fit a reward's scale, hence a penalty for each: 1 to 70
 * times the norm of its first gradient. The miniature's own setting is about 30 times that of symmetry.
 */
const train = (
  reward: string,
  penalty: number,
  iterations: number,
  rest: readonly string[] = [],
): string[] => [
  ...['--reward', reward, '--base-penalty', String(penalty), '--iterations', String(iterations)],
  ...rest,
];

/** Eight pictures an iteration, in the type that processors with bfloat16 are fastest in. */
const many = ['--dtype', 'bfloat16', '--batch', '8'];

/** Fewer sampling steps than the miniature recommends. */
const quick = ['--steps', '10'];

/** What JPEG looks at is decided in the last step. */
const lastStep = [...quick, '--algorithm', 'draft', '--set', 'k=1'];

/** Animals in places that the miniature muddles where nothing guides it. */
const places = {
  trained: [
    ...['a cat on red', 'a rabbit in the snow', 'a bee on black', 'a whale by the sea'],
    ...['a horse at night', 'a pig in the desert'],
  ],
  heldOut: ['a dog on red', 'a bee at night', 'a horse on black', 'a rabbit by the sea'],
};

/** Without guidance, so that what the captions say has to come from the training. */
const unguided = ['--guidance', '1', ...quick, ...many];
const somewhere = [...each('--prompts', places.trained), ...each('--held-out', places.heldOut)];

const withBooks = [
  ...each('--prompts', ['a cat and a book', 'a bear and a book', 'a duck and a book', 'a mouse and a book']),
  ...each('--held-out', ['a dog and a book', 'a fox and a book', 'a frog and a book', 'a cow and a book']),
];

const withoutBooks = [
  ...each('--prompts', ['cat', 'bear', 'duck', 'mouse', 'horse', 'pig']),
  ...each('--held-out', ['dog', 'fox', 'frog', 'cow']),
];

/** The small SSD, asked for books. */
const smallSsd = { checkpoint: `${judges}/ssd`, objects: 'book' };

/** The detector, asked for books. */
const books = { checkpoint: `${judges}/detector`, queries: 'a photo of a book' };

/** The aesthetic head on its CLIP. */
const taste = { checkpoint: `${judges}/clip`, head: `${judges}/aesthetic/model.safetensors` };

/** An example of each reward, and of three together. */
export const examples: readonly Example[] = [
  { name: 'symmetry', args: train('symmetry', 0.65, 25, quick) },
  { name: 'rotation', args: train('rotation', 0.65, 16, quick) },
  { name: 'compressibility', args: train('compressibility', 0.002, 12, lastStep) },
  { name: 'incompressibility', args: train('incompressibility', 0.002, 12, lastStep) },
  {
    name: 'jpeg-file-size',
    args: train('jpeg-file-size', 0, 25, [
      ...['--algorithm', 'ddpo', '--sampler', 'ddpm', '--batch', '8', '--steps', '10'],
      ...['--set', 'k=3', '--set', 'innerEpochs=1'],
      ...['--prompts', 'cat'],
    ]),
  },
  { name: 'diversity', args: train('diversity', 0.3, 16, quick) },
  {
    name: 'clipscore',
    args: train('clipscore', 3, 80, [
      ...unguided,
      ...set('clipscore', { checkpoint: `${judges}/clip` }),
      ...somewhere,
    ]),
  },
  {
    name: 'pickscore',
    args: train('pickscore', 3, 40, [
      ...unguided,
      ...set('pickscore', { checkpoint: `${judges}/clip` }),
      ...somewhere,
    ]),
  },
  {
    name: 'hpsv2',
    args: train('hpsv2', 0.15, 40, [
      ...unguided,
      ...set('hpsv2', { checkpoint: `${judges}/clip` }),
      ...somewhere,
    ]),
  },
  { name: 'aesthetic', args: train('aesthetic', 2, 40, set('aesthetic', taste)) },
  {
    name: 'adversarial',
    args: train('adversarial', 0.4, 60, [
      ...set('adversarial', { checkpoint: `${judges}/classifier`, target: 'dog' }),
      ...[...many, '--prompts', 'cat'],
      ...each('--held-out', ['a cat on green', 'a cat at night', 'a cat in the snow', 'a cat on grass']),
    ]),
  },
  {
    name: 'coco-ssd-detection',
    args: train('coco-ssd', 0.1, 60, [...quick, ...many, ...set('coco-ssd', smallSsd), ...withoutBooks]),
  },
  {
    name: 'coco-ssd-removal',
    args: train('coco-ssd', 1, 60, [
      ...quick,
      ...many,
      ...set('coco-ssd', { ...smallSsd, mode: 'removal' }),
      ...withBooks,
    ]),
  },
  {
    name: 'owlvit-detection',
    args: train('owlvit', 0.1, 60, [...quick, ...many, ...set('owlvit', books), ...withoutBooks]),
  },
  {
    name: 'owlvit-removal',
    args: train('owlvit', 0.5, 60, [
      ...quick,
      ...many,
      ...set('owlvit', { ...books, mode: 'removal' }),
      ...withBooks,
    ]),
  },
  {
    name: 'combination',
    args: train('symmetry:0.4', 3, 60, [
      ...unguided,
      ...['--reward', 'aesthetic', '--reward', 'clipscore:2', '--normalise-rewards'],
      ...set('aesthetic', taste),
      ...set('clipscore', { checkpoint: `${judges}/clip` }),
      ...somewhere,
    ]),
  },
];
