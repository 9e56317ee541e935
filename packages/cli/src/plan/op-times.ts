import { type RehearsedFunction, type RehearsedOp, type RehearsedWork, tf, type Work } from '@draft/core';

/** How long ops take on this machine. */
export interface OpTimes {
  /** Seconds that one op of a function takes. */
  secondsOf(op: RehearsedOp): number;
  /** Seconds that an op takes which runs by itself, outside functions. */
  readonly singleOp: number;
}

/** How ops are measured. */
export interface OpTimesOptions {
  /** Seconds, from whenever. @default those that pass */
  readonly clock?: () => number;
  /** After so many seconds no further op is measured, or after a hundredth of what the functions should take. @default 2 */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Operations and bytes a second, and seconds to start an op, of some machine: they only tell which ops matter. */
const guess = { products: 100e9, convolutions: 100e9, bytes: 10e9, start: 5e-6 };

const guessed = ({ products, convolutions, bytes }: Work): number =>
  products / guess.products + convolutions / guess.convolutions + bytes / guess.bytes + guess.start;

/** Of what is guessed to pass in all ops, how much is measured; the rest is many ops that are next to nothing. */
const share = 0.9;

const singleOps = 200;

const singleOpSeconds = (clock: () => number): number => {
  const small = tf.ones([8]);
  const started = clock();
  tf.dispose(Array.from({ length: singleOps }, () => tf.add(small, small)));
  const seconds = clock() - started;
  small.dispose();
  return seconds / singleOps;
};

/** What an op takes, unless it does not bear numbers of no meaning. */
const secondsIfItRuns = (op: RehearsedOp, clock: () => number): Promise<number | undefined> =>
  op.measure(clock).catch(() => undefined);

/** How often each op is called in all of some functions. */
const countOps = (functions: Iterable<RehearsedFunction>): Map<RehearsedOp, number> => {
  const byKey = new Map<string, { readonly op: RehearsedOp; count: number }>();
  for (const { ops } of functions) {
    for (const [op, count] of ops) {
      const known = byKey.get(op.key);
      if (known) known.count += count;
      else byKey.set(op.key, { op, count });
    }
  }
  return new Map([...byKey.values()].map(({ op, count }) => [op, count]));
};

/**
 * Measures the ops that a run consists of, those first that should take the most of it. Ops for which there was no time, or which
 * cannot be run by themselves, are taken to be as much faster or slower than guessed as those of their name that were measured.
 * @param functions What the run calls, after its rehearsal has ended.
 */
export const measureOps = async (
  functions: Iterable<RehearsedFunction>,
  { clock = () => performance.now() / 1000, limit = 2, signal }: OpTimesOptions = {},
): Promise<OpTimes> => {
  const counts = [...countOps(functions)].sort(
    ([a, many], [b, more]) => more * guessed(b.work) - many * guessed(a.work),
  );
  const all = counts.reduce((sum, [{ work }, count]) => sum + count * guessed(work), 0);
  const measured = new Map<string, number>();
  const sums = new Map<string, { guessed: number; measured: number }>();
  const total = { guessed: 0, measured: 0 };
  const end = performance.now() + 1000 * Math.max(limit, all / 100);
  for (const [op, count] of counts) {
    if (total.guessed >= share * all || performance.now() > end) break;
    signal?.throwIfAborted();
    const seconds = await secondsIfItRuns(op, clock);
    if (seconds === undefined) continue;
    measured.set(op.key, seconds);
    const sum = sums.get(op.name) ?? { guessed: 0, measured: 0 };
    sums.set(op.name, sum);
    for (const each of [sum, total]) {
      each.guessed += count * guessed(op.work);
      each.measured += count * seconds;
    }
  }
  const factorOf = (name: string): number => {
    const { guessed: expected, measured: found } = sums.get(name) ?? total;
    return expected > 0 ? found / expected : 1;
  };
  return {
    secondsOf: (op) => measured.get(op.key) ?? factorOf(op.name) * guessed(op.work),
    singleOp: singleOpSeconds(clock),
  };
};

/** Seconds that all ops of a function take, in all its calls. */
export const secondsOfFunction = ({ ops }: RehearsedFunction, { secondsOf }: OpTimes): number =>
  [...ops].reduce((sum, [op, count]) => sum + count * secondsOf(op), 0);

/** Seconds that all of some work takes. */
export const secondsOfWork = ({ functions, singleOps: single }: RehearsedWork, times: OpTimes): number =>
  functions.reduce((sum, each) => sum + secondsOfFunction(each, times), single * times.singleOp);
