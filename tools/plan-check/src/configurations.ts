/** A run that is planned and measured. */
export interface Configuration {
  readonly name: string;
  /** Options of `draft train`. */
  readonly args: readonly string[];
  /** Whether it needs the full-size checkpoint. */
  readonly fullSize?: true;
  readonly iterations: number;
}

const symmetry = ['--reward', 'symmetry'];
const small = ['--prompts', 'cat', '--steps', '10'];
const large = ['--prompts', 'cat', '--dtype', 'bfloat16', '--batch', '1', '--steps', '2'];

/** Runs that differ in what takes the memory. */
export const configurations: readonly Configuration[] = [
  {
    name: 'miniature, DRTune, 4 pictures',
    args: [...symmetry, ...small, '--batch', '4'],
    iterations: 4,
  },
  {
    name: 'miniature, DRaFT-1, 16 pictures',
    args: [...symmetry, ...small, '--algorithm', 'draft', '--set', 'k=1', '--batch', '16'],
    iterations: 4,
  },
  {
    name: 'miniature, DRaFT-1, 4 pictures of 128²',
    args: [...symmetry, ...small, '--algorithm', 'draft', '--set', 'k=1', '--size', '128', '--batch', '4'],
    iterations: 3,
  },
  {
    name: 'miniature, DDPO, 8 pictures',
    args: [...symmetry, ...small, '--algorithm', 'ddpo', '--sampler', 'ddpm', '--batch', '8'],
    iterations: 3,
  },
  {
    name: 'miniature, DRaFT, 8 pictures two by two, rank 64',
    args: [
      ...[...symmetry, ...small, '--algorithm', 'draft', '--set', 'k=10'],
      ...['--rank', '64', '--batch', '8', '--micro-batch', '2'],
    ],
    iterations: 3,
  },
  {
    name: 'Stable Diffusion 1.5, DRaFT-1, 256²',
    args: [...symmetry, ...large, '--algorithm', 'draft', '--set', 'k=1', '--size', '256'],
    fullSize: true,
    iterations: 2,
  },
  {
    name: 'Stable Diffusion 1.5, DRTune, 512²',
    args: [...symmetry, ...large, '--algorithm', 'drtune', '--size', '512'],
    fullSize: true,
    iterations: 2,
  },
];
