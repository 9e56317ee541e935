import { disagreement } from './agreement.js';
import { median } from './median.js';
import { type Run, type Side, type SideCommand, startSide } from './side.js';

/** One task, timed on both sides. Seconds are medians. */
export interface Comparison {
  readonly ours: SideResult;
  /** The fastest of the variants that were tried. */
  readonly theirs: SideResult;
  readonly variant: string;
  /** What each variant took in its second run, where several were tried. */
  readonly tried: readonly TriedVariant[];
  /** Ours ÷ theirs; the median over the rounds of the ratio within a round. */
  readonly timeRatio: number;
  readonly memoryRatio: number;
  /** The same of the time from the start of the process to the beginning of its first run, and to the end of it. */
  readonly loadRatio: number;
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
  readonly loadSeconds: number;
  readonly startSeconds: number;
  readonly all: readonly number[];
  readonly peakBytes: number;
}

/** A variant of the other side, in one run after the first. */
export interface TriedVariant {
  readonly variant: string;
  readonly seconds: number;
  readonly peakBytes: number;
}

/** One way to tell the other side what to do. */
export interface Variant {
  readonly variant: string;
  readonly command: SideCommand;
}

const attempt = async ({ variant, command }: Variant): Promise<TriedVariant> => {
  const side = await startSide(command);
  const { seconds } = await side.run();
  return { variant, seconds, peakBytes: await side.end() };
};

/** Tries each variant alone, where there are several. @returns The fastest. */
const chooseVariant = async (variants: readonly [Variant, ...Variant[]]) => {
  const tried: TriedVariant[] = [];
  if (variants.length > 1) for (const each of variants) tried.push(await attempt(each));
  const best = [...tried].sort((a, b) => a.seconds - b.seconds)[0];
  return { tried, chosen: variants.find(({ variant }) => variant === best?.variant) ?? variants[0] };
};

const result = (side: Side, runs: readonly Run[], peakBytes: number): SideResult => {
  const all = runs.map(({ seconds }) => seconds);
  const { description, loadSeconds, startSeconds } = side;
  return { description, seconds: median(all), loadSeconds, startSeconds, all, peakBytes };
};

/** Times our side and the fastest variant of the other one in turns, so that a busy minute of the machine meets both. */
export const measure = async (
  commands: { readonly ours: SideCommand; readonly theirs: readonly [Variant, ...Variant[]] },
  rounds: number,
): Promise<Comparison> => {
  const { tried, chosen } = await chooseVariant(commands.theirs);
  const ours = await startSide(commands.ours);
  const theirs = await startSide(chosen.command);
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
    variant: chosen.variant,
    tried,
    timeRatio: median(runs.map((each) => each.ours.seconds / each.theirs.seconds)),
    memoryRatio: own.peakBytes / other.peakBytes,
    loadRatio: own.loadSeconds / other.loadSeconds,
    startRatio: own.startSeconds / other.startSeconds,
    operations: theirs.operations,
    disagreement: disagreement(last.ours, last.theirs),
  };
};
