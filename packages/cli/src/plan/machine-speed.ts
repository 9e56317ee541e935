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
  /** Ops of our own kernels a second that have next to nothing to compute. */
  readonly kernels: number;
  /** Small ops a second that run one by one. */
  readonly singleOps: number;
}

const side = 256;
const rowCount = 1024;
const picture = [2, 32, 32, 64] as const;
// Larger than what there are short cuts for.
const filter = [5, 5, 64, 64] as const;
const wide = [4, 2 ** 18] as const;
const times = 8;
const smallOps = 200;
const tinySide = 16;

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
  // Weights of their own, as layers have.
  const matrices = Array.from({ length: times }, () =>
    runtime.weight(bytesOf([side, side]), 'F32', [side, side]),
  );
  const kernel = runtime.weight(bytesOf(filter), 'F32', filter);
  const rows = tf.ones([rowCount, side]);
  const image = tf.ones([...picture]);
  const flat = tf.ones([...wide]);
  const small = tf.ones([8]);
  const tinyMatrix = runtime.weight(bytesOf([tinySide, tinySide]), 'F32', [tinySide, tinySide]);
  const tinyRows = tf.ones([tinySide, tinySide]);
  const last = (x: Tensor) => ({ result: tf.sum(x) });
  // How many branches the last of these bodies had.
  let chains = 0;
  const repeat = (x: Tensor, count: number, step: (x: Tensor, index: number) => Tensor): Tensor => {
    chains = 0;
    return inBranches([x], (part) => {
      chains += 1;
      return Array.from({ length: count }).reduce<Tensor>((value, _, index) => step(value, index), part);
    });
  };
  try {
    const product = await secondsOf(how, 'speed-products', { rows }, (inputs) =>
      last(
        repeat(inputs.rows as Tensor, times, (x, index) => linear(x, { weight: matrices[index] as Tensor })),
      ),
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
    const opsTogether = chains * smallOps;
    const starting = await secondsOf(how, 'speed-kernels', { tinyRows }, (inputs) =>
      last(repeat(inputs.tinyRows as Tensor, smallOps, (x) => linear(x, { weight: tinyMatrix }))),
    );
    const started = clock();
    tf.dispose(Array.from({ length: smallOps }, () => tf.add(small, small)));
    const single = clock() - started;
    const pictureSize = picture.reduce<number>((a, b) => a * b, 1);
    const wideBytes = 4 * wide[0] * wide[1];
    return {
      products: (times * 2 * rowCount * side ** 2) / product,
      convolutions: (times * 2 * pictureSize * filter[0] * filter[1] * filter[2]) / convolution,
      bytes: (times * 8 * wideBytes) / moved,
      ops: opsTogether / tiny,
      kernels: opsTogether / starting,
      singleOps: smallOps / single,
    };
  } finally {
    tf.dispose([...matrices, kernel, rows, image, flat, small, tinyMatrix, tinyRows]);
  }
};

/** Seconds that some work takes at a speed. */
export const secondsFor = (work: Work, speed: MachineSpeed): number =>
  work.products / speed.products +
  work.convolutions / speed.convolutions +
  work.bytes / speed.bytes +
  (work.ops - work.kernels) / speed.ops +
  work.kernels / speed.kernels +
  work.singleOps / speed.singleOps;
