import { disagreement } from './agreement.js';
import { median } from './median.js';
import { type Run, type Side, type SideCommand, startSide } from './side.js';

/** One task, timed on both sides. Seconds are medians. */
export interface Comparison {
  readonly ours: SideResult;
  readonly theirs: SideResult;
  /** Ours ÷ theirs; the median over the rounds of the ratio within a round. */
  readonly timeRatio: number;
  readonly memoryRatio: number;
  /** The same of the time from the start of the process to the end of its first run. */
  readonly startRatio: number;
  /** Multiplications and additions of one run in PyTorch, each counted. */
  readonly operations: number | null;
  /** Largest relative difference of the numbers that both computed. */
  readonly disagreement: number;
}

/** What one side did. */
export interface SideResult {
  readonly description: string;
  readonly seconds: number;
  readonly startSeconds: number;
  readonly all: readonly number[];
  readonly peakBytes: number;
}

const result = (side: Side, runs: readonly Run[], peakBytes: number): SideResult => {
  const all = runs.map(({ seconds }) => seconds);
  const { description, startSeconds } = side;
  return { description, seconds: median(all), startSeconds, all, peakBytes };
};

/** Times two sides in turns, so that a busy minute of the machine meets both. */
export const measure = async (
  commands: { readonly ours: SideCommand; readonly theirs: SideCommand },
  rounds: number,
): Promise<Comparison> => {
  const ours = await startSide(commands.ours);
  const theirs = await startSide(commands.theirs);
  const runs: { ours: Run; theirs: Run }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes from round to round.
    const first = round % 2 === 0 ? await ours.run() : undefined;
    const second = await theirs.run();
    runs.push({ ours: first ?? (await ours.run()), theirs: second });
  }
  const last = runs.at(-1) as (typeof runs)[number];
  const own = result(
    ours,
    runs.map((each) => each.ours),
    await ours.end(),
  );
  const other = result(
    theirs,
    runs.map((each) => each.theirs),
    await theirs.end(),
  );
  return {
    ours: own,
    theirs: other,
    timeRatio: median(runs.map((each) => each.ours.seconds / each.theirs.seconds)),
    memoryRatio: own.peakBytes / other.peakBytes,
    startRatio: own.startSeconds / other.startSeconds,
    operations: theirs.operations,
    disagreement: disagreement(last.ours, last.theirs),
  };
};
