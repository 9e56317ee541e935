/** A stretch of time. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** The stretches that at least one of some intervals covers, in order, apart from each other. */
export const covered = (intervals: readonly Interval[]): Interval[] => {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of [...intervals].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else if (end > start) merged.push({ start, end });
  }
  return merged;
};

/** The stretches of `whole` that none of some intervals covers. */
export const uncovered = (intervals: readonly Interval[], whole: Interval): Interval[] => {
  const gaps: Interval[] = [];
  let at = whole.start;
  for (const { start, end } of covered(intervals)) {
    if (start > at) gaps.push({ start: at, end: Math.min(start, whole.end) });
    at = Math.max(at, end);
    if (at >= whole.end) return gaps.filter((gap) => gap.end > gap.start);
  }
  if (at < whole.end) gaps.push({ start: at, end: whole.end });
  return gaps;
};

/** How long some stretches are that lie apart from each other. */
export const lengthOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { start, end }) => sum + end - start, 0);

/** Puts intervals, sorted by their start, into as few lanes as it takes for none to overlap in its lane. */
export const lanesOf = (sorted: readonly Interval[]): number[] => {
  const ends: number[] = [];
  return sorted.map(({ start, end }) => {
    const free = ends.findIndex((last) => last <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    return lane;
  });
};
