/** What is timed. */
export const tasks = [
  'predict',
  'predict-gradient',
  'sampling',
  'draft-1',
  'drtune',
  'decode-gradient',
  'clip-l',
  'clip-h',
] as const;

/** One kind of work. */
export type Task = (typeof tasks)[number];

/** A model and how much of it is asked for. */
export interface Size {
  /** Which weights: the embedded miniature's, or random ones of Stable Diffusion 1.5's configuration. */
  readonly model: 'miniature' | 'sd15';
  /** Side of the pictures. */
  readonly pixels: number;
  readonly batch: number;
  /** Sampling steps, DDIM. */
  readonly steps: number;
  /** The steps that DRTune trains, counted down from `steps` to 1. */
  readonly train: readonly number[];
  readonly guidance: number;
  readonly rank: number;
}

/** The sizes by name. */
export const sizes = {
  miniature: {
    model: 'miniature',
    pixels: 64,
    batch: 8,
    steps: 20,
    train: [17, 13, 9, 5, 1],
    guidance: 3,
    rank: 4,
  },
  'sd15-256': { model: 'sd15', pixels: 256, batch: 1, steps: 8, train: [5, 1], guidance: 7.5, rank: 4 },
  'sd15-512': { model: 'sd15', pixels: 512, batch: 1, steps: 4, train: [3, 1], guidance: 7.5, rank: 4 },
} as const satisfies Record<string, Size>;

/** Name of a size. */
export type SizeName = keyof typeof sizes;

/** One thing to be timed. */
export interface Case {
  readonly size: SizeName;
  readonly task: Task;
}

/** Whether a task has a network of its own, which sees 224 × 224 pixels whatever the size of the pictures is. */
export const isClip = (task: Task): task is 'clip-l' | 'clip-h' => task === 'clip-l' || task === 'clip-h';

/** Each task at each size; CLIP's once, on pictures of the largest size that is asked for. */
export const casesOf = (chosen: readonly SizeName[], wanted: readonly Task[]): readonly Case[] => [
  ...chosen.flatMap((size) => wanted.filter((task) => !isClip(task)).map((task) => ({ size, task }))),
  ...wanted.filter(isClip).flatMap((task) => {
    const size = [...chosen].sort((a, b) => sizes[b].pixels - sizes[a].pixels)[0];
    return size === undefined ? [] : [{ size, task }];
  }),
];
