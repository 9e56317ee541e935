import { covered, type Interval, lengthOf } from './intervals.js';
import { iterationPhase, recordingPhase } from './phases.js';
import type { OpSpan, PhaseSpan, Profile } from './profile.js';

/** What ops of one kind took together. */
export interface KindSummary {
  readonly name: string;
  readonly count: number;
  /** Microseconds; ops that run side by side count each. */
  readonly time: number;
  /** Multiplications and additions of products and convolutions. */
  readonly operations: number;
  /** Bytes of their results. */
  readonly outputBytes: number;
  readonly allocatedBytes: number;
}

/** What the phases of one name took together. */
export interface PhaseSummary {
  readonly name: string;
  readonly count: number;
  /** Microseconds. */
  readonly time: number;
  /** Of these, microseconds in which no op ran. */
  readonly idle: number;
}

/** A profile in a few numbers. Times are microseconds, what the profile's own work took not among them. */
export interface ProfileSummary {
  readonly duration: number;
  /** What collecting statistics took. */
  readonly statistics: number;
  /** What recording graphs and making them ready took, of which an iteration later on has none. */
  readonly preparation: number;
  readonly iterations: number;
  /** Kinds of ops, the one that takes most first. */
  readonly kinds: readonly KindSummary[];
  /** Sections of the recorded functions, ops that run side by side counting each; the longest first. */
  readonly sections: readonly { readonly name: string; readonly time: number }[];
  /** Phases in the order of their first; what is in none is `other`. */
  readonly phases: readonly PhaseSummary[];
  /** Time of all ops, side by side or not. */
  readonly opTime: number;
  /** Time in which at least one op ran. */
  readonly busy: number;
  /** Time in which two or more did. */
  readonly parallel: number;
  /** Time inside of recorded functions, between their first and last op, in which no op ran. */
  readonly waiting: number;
  readonly transfers: { readonly count: number; readonly time: number; readonly bytes: number };
  /** Most memory that the ops of a call held, and which one. */
  readonly peak: { readonly call: string; readonly bytes: number } | undefined;
}

const summariseKinds = (ops: readonly OpSpan[]): KindSummary[] => {
  const kinds = new Map<string, { -readonly [Key in keyof KindSummary]: KindSummary[Key] }>();
  for (const { name, start, end, operations, outputBytes, allocatedBytes } of ops) {
    const none = { count: 0, time: 0, operations: 0, outputBytes: 0, allocatedBytes: 0 };
    const kind = kinds.get(name) ?? { name, ...none };
    kind.count += 1;
    kind.time += end - start;
    kind.operations += operations;
    kind.outputBytes += outputBytes;
    kind.allocatedBytes += allocatedBytes;
    kinds.set(name, kind);
  }
  return [...kinds.values()].sort((a, b) => b.time - a.time);
};

/** How much of a stretch is covered by stretches that are sorted and lie apart. */
const overlap = ({ start, end }: Interval, busy: readonly Interval[]): number =>
  busy.reduce((sum, other) => sum + Math.max(0, Math.min(end, other.end) - Math.max(start, other.start)), 0);

const summariseSections = (ops: readonly OpSpan[]) => {
  const times = new Map<string, number>();
  for (const { node, start, end } of ops) {
    if (node === undefined) continue;
    // TensorFlow names parts of a node `n4/…`.
    const section = /^(.+?)\/n\d+/.exec(node)?.[1] ?? 'other';
    times.set(section, (times.get(section) ?? 0) + end - start);
  }
  return [...times].map(([name, time]) => ({ name, time })).sort((a, b) => b.time - a.time);
};

/** What is there besides the phases: stretches in which ops ran, and in which the profile did its own work. */
interface Ground {
  readonly busy: readonly Interval[];
  readonly own: readonly Interval[];
  readonly duration: number;
}

const summarisePhases = (phases: readonly PhaseSpan[], { busy, own, duration }: Ground): PhaseSummary[] => {
  const timeOf = (stretches: readonly Interval[]) =>
    lengthOf(stretches) - stretches.reduce((sum, stretch) => sum + overlap(stretch, own), 0);
  const busyIn = (stretches: readonly Interval[]) =>
    stretches.reduce((sum, stretch) => sum + overlap(stretch, busy), 0);
  const groups = new Map<string, PhaseSpan[]>();
  for (const phase of phases) {
    const group = groups.get(phase.name) ?? [];
    group.push(phase);
    groups.set(phase.name, group);
  }
  const parts = [...groups].map(([name, spans]): PhaseSummary => {
    const stretches = covered(spans);
    const time = timeOf(stretches);
    return { name, count: spans.length, time, idle: time - busyIn(stretches) };
  });
  const named = covered(phases);
  const time = timeOf([{ start: 0, end: duration }]) - timeOf(named);
  return [...parts, { name: 'other', count: 1, time, idle: time - (lengthOf(busy) - busyIn(named)) }];
};

/** Time in which two or more of some intervals run. */
const parallelTime = (intervals: readonly Interval[]): number => {
  const moments = intervals.flatMap(({ start, end }) => [
    { at: start, change: 1 },
    { at: end, change: -1 },
  ]);
  moments.sort((a, b) => a.at - b.at || a.change - b.change);
  let running = 0;
  let since = 0;
  let total = 0;
  for (const { at, change } of moments) {
    if (running >= 2) total += at - since;
    running += change;
    since = at;
  }
  return total;
};

/** Adds up a profile. */
export const summariseProfile = (profile: Profile): ProfileSummary => {
  const { ops, calls, transfers, phases, duration } = profile;
  const busy = covered(ops);
  const own = covered(calls.map(({ opsTo, end }) => ({ start: opsTo, end })));
  const running = covered(calls.map(({ opsFrom, opsTo }) => ({ start: opsFrom, end: opsTo })));
  const preparation = covered([
    ...phases.filter(({ name }) => name === recordingPhase),
    ...calls.filter(({ first }) => first).map(({ start, opsFrom }) => ({ start, end: opsFrom })),
  ]);
  const peak = calls.reduce((most, call) => (call.peakBytes > most.peakBytes ? call : most), {
    name: '',
    peakBytes: 0,
  });
  return {
    duration: duration - lengthOf(own),
    statistics: lengthOf(own),
    preparation: lengthOf(preparation),
    iterations: phases.filter(({ name }) => name === iterationPhase).length,
    kinds: summariseKinds(ops),
    sections: summariseSections(ops),
    phases: summarisePhases(
      phases.filter(({ name }) => name !== iterationPhase && name !== recordingPhase),
      { busy, own, duration },
    ),
    opTime: ops.reduce((sum, { start, end }) => sum + end - start, 0),
    busy: lengthOf(busy),
    parallel: parallelTime(ops),
    waiting: running.reduce((sum, stretch) => sum + stretch.end - stretch.start - overlap(stretch, busy), 0),
    transfers: {
      count: transfers.length,
      time: lengthOf(covered(transfers)),
      bytes: transfers.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    peak: peak.peakBytes > 0 ? { call: peak.name, bytes: peak.peakBytes } : undefined,
  };
};
