import {
  conv2d,
  createRandomSource,
  inBranches,
  linear,
  type Runtime,
  type Tensor,
  type Tensor4D,
  type TensorRecord,
  tf,
  type Work,
} from '@draft/core';

/** How fast this machine computes. */
export interface MachineSpeed {
  /** Operations a second in matrix products. */
  readonly products: number;
  /** Operations a second in convolutions. */
  readonly convolutions: number;
  /** Bytes a second in ops that do little else but move them. */
  readonly bytes: number;
  /** Small ops of functions a second. */
  readonly ops: number;
  /** Small ops a second that run one by one. */
  readonly singleOps: number;
}

const side = 512;
const picture = [2, 32, 32, 128] as const;
const filter = [3, 3, 128, 128] as const;
const wide = [4, 2 ** 18] as const;
const times = 8;
const smallOps = 200;

const bytesOf = (shape: readonly number[]): Uint8Array => {
  const size = shape.reduce((product, length) => product * length, 1);
  return new Uint8Array(
    createRandomSource(0, 'speed')
      .normal(size)
      .map((x) => x / 64).buffer,
  );
};

/** Seconds, from whenever. */
type Clock = () => number;

/** Seconds of the faster of two calls after the first, which records and prepares. */
const secondsOf = async (
  { runtime, clock }: { readonly runtime: Runtime; readonly clock: Clock },
  name: string,
  inputs: TensorRecord,
  body: (inputs: TensorRecord) => TensorRecord,
): Promise<number> => {
  const compiled = runtime.compile(name, body);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const started = clock();
    const results = await compiled(inputs);
    // A device may still be at work when the call is back.
    for (const result of Object.values(results)) await result.data();
    if (i > 0) best = Math.min(best, clock() - started);
    tf.dispose(results);
  }
  compiled.dispose();
  return best;
};

/**
 * Measures the machine by small samples of what networks consist of, in branches as networks are; a fraction of a second
 * where it is idle.
 * @param clock Seconds. @default those that pass
 */
export const measureSpeed = async (
  runtime: Runtime,
  clock: Clock = () => performance.now() / 1000,
): Promise<MachineSpeed> => {
  const how = { runtime, clock };
  const matrix = runtime.weight(bytesOf([side, side]), 'F32', [side, side]);
  const kernel = runtime.weight(bytesOf(filter), 'F32', filter);
  const rows = tf.ones([side, side]);
  const image = tf.ones([...picture]);
  const flat = tf.ones([...wide]);
  const small = tf.ones([8]);
  const last = (x: Tensor) => ({ result: tf.sum(x) });
  // How many branches the last of these bodies had.
  let chains = 0;
  const repeat = (x: Tensor, count: number, step: (x: Tensor) => Tensor): Tensor => {
    chains = 0;
    return inBranches([x], (part) => {
      chains += 1;
      return Array.from({ length: count }).reduce<Tensor>((value) => step(value), part);
    });
  };
  try {
    const product = await secondsOf(how, 'speed-products', { rows }, (inputs) =>
      last(repeat(inputs.rows as Tensor, times, (x) => linear(x, { weight: matrix }))),
    );
    const convolution = await secondsOf(how, 'speed-convolutions', { image }, (inputs) =>
      last(repeat(inputs.image as Tensor, times, (x) => conv2d(x as Tensor4D, { weight: kernel }))),
    );
    const moved = await secondsOf(how, 'speed-bytes', { flat }, (inputs) =>
      last(repeat(inputs.flat as Tensor, times, (x) => tf.mul(tf.add(tf.sigmoid(x), x), x))),
    );
    const tiny = await secondsOf(how, 'speed-ops', { small }, (inputs) =>
      last(repeat(inputs.small as Tensor, smallOps, (x) => tf.sigmoid(x))),
    );
    const started = clock();
    tf.dispose(Array.from({ length: smallOps }, () => tf.add(small, small)));
    const single = clock() - started;
    const pictureSize = picture.reduce<number>((a, b) => a * b, 1);
    const wideBytes = 4 * wide[0] * wide[1];
    return {
      products: (times * 2 * side ** 3) / product,
      convolutions: (times * 2 * pictureSize * filter[0] * filter[1] * filter[2]) / convolution,
      bytes: (times * 8 * wideBytes) / moved,
      ops: (chains * smallOps) / tiny,
      singleOps: smallOps / single,
    };
  } finally {
    tf.dispose([matrix, kernel, rows, image, flat, small]);
  }
};

/** Seconds that some work takes at a speed. */
export const secondsFor = (work: Work, speed: MachineSpeed): number =>
  work.products / speed.products +
  work.convolutions / speed.convolutions +
  work.bytes / speed.bytes +
  work.ops / speed.ops +
  work.singleOps / speed.singleOps;
